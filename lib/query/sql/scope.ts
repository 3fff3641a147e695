// SQL: the condition that a row is a record of an entity. Every statement names tenant and entity; row-level security is
// only the second wall.

import type { Statement } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Leaf, LeafPairs } from '../plan/refill.ts'
import type { Row } from './row.ts'

/** The condition that the row is a record of the entity. */
export function ownerSql({ tenantId, id }: Entity, row: Row): string {
  const { alias } = row
  return `${alias}.tenant_id = ${row.bind(tenantId, 'uuid')} and ${alias}.entity_id = ${row.bind(id, 'bigint')}`
}

/** A statement on the records of one entity, which can be rebound to another entity. */
export interface EntityStatement extends Statement {
  /** The indexes of the tenant id among the values; the entity id follows each. */
  readonly owners: readonly number[]
  /** The leaves of the filter whose values stand at these indexes. */
  readonly sources?: ReadonlyMap<number, unknown>
}

/** As `ownerSql`, for an entity that `forEntity` can replace. */
export function boundOwnerSql(entity: Entity, row: Row): string {
  row.params.owners.push(row.params.values.length)
  return ownerSql(entity, row)
}

/** The statement for another entity of the same shape. */
export function forEntity({ tenantId, id }: Entity, statement: EntityStatement): Statement {
  const values = [...statement.values]
  for (const at of statement.owners) {
    values[at] = tenantId
    values[at + 1] = id
  }
  return { ...statement, values }
}

/** The statement with the values of other leaves in the place of its own. */
export function withLeaves(statement: EntityStatement, leaves: LeafPairs): EntityStatement {
  const { sources = [] } = statement
  const values = [...statement.values]
  for (const [at, source] of sources) {
    const leaf = leaves.get(source as Leaf)
    if (leaf !== undefined) values[at] = leaf.kind === 'member' ? leaf.values : leaf.value
  }
  return { ...statement, values }
}
