// SQL: whose records a statement is about. Every statement names the tenant and the entity; row-level security is only
// the second wall.

import type { Statement } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Row } from './row.ts'

/** That the row is a record of the entity. */
export function ownerSql({ tenantId, id }: Entity, row: Row): string {
  const { alias } = row
  return `${alias}.tenant_id = ${row.bind(tenantId, 'uuid')} and ${alias}.entity_id = ${row.bind(id, 'bigint')}`
}

/** A statement on the records of one entity, which may be made to be about another one's. */
export interface EntityStatement extends Statement {
  /** Where among the values the entity stands: its tenant, and its id right behind. */
  readonly owners: readonly number[]
}

/** As `ownerSql`, of the entity that the statement is about. */
export function boundOwnerSql(entity: Entity, row: Row): string {
  row.params.owners.push(row.params.values.length)
  return ownerSql(entity, row)
}

/** The same statement about another entity of the same shape. */
export function forEntity({ tenantId, id }: Entity, statement: EntityStatement): Statement {
  const values = [...statement.values]
  for (const at of statement.owners) {
    values[at] = tenantId
    values[at + 1] = id
  }
  return { ...statement, values }
}
