// Who may do what with a file. Its uploader and admins list, read and delete it; others read it through a record that
// they may read and that holds it in a file field which they may read.

import { decide, type SomeRows } from '../access/policy.ts'
import { isAdmin } from '../access/roles.ts'
import type { Caller } from '../auth/caller.ts'
import type { Parameters } from '../db/parameters.ts'
import type { Entity } from '../entities/entity.ts'
import { typeOf } from '../fields/index.ts'
import { conditionSql } from '../query/sql/condition.ts'
import { inUseSql } from '../query/sql/file.ts'
import { Row } from '../query/sql/row.ts'
import { ownerSql } from '../query/sql/scope.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import type { StoredFile } from './stored-file.ts'

/** File fields through whose records a caller reads files. */
export interface Holder {
  entity: Entity
  keys: string[]
  /** The records; true: all of the entity. */
  rows: true | SomeRows
}

/** Where the caller may meet files; admins need not, they read all. */
export async function holdersFor(
  registry: Pick<SchemaRegistry, 'entities' | 'permissions'>,
  caller: Caller,
): Promise<Holder[]> {
  if (isAdmin(caller.role)) return []
  const entities = await registry.entities(caller.tenant)
  const permissions = await registry.permissions(caller.tenant, caller.role)
  return entities.flatMap((entity) => {
    const { read, readable } = decide(caller, entity, permissions)
    const held = entity.fields.filter((field) => typeOf(field.type).targets?.(field).includes(null))
    const keys = held.filter(readable).map(({ key }) => key)
    return read === false || keys.length === 0 ? [] : [{ entity, keys, rows: read }]
  })
}

/** True of a link `l` from a record that the caller may read. */
function heldBy({ entity, keys, rows }: Holder, p: Parameters): string {
  const link = `l.from_entity = ${p.add(entity.id)}::bigint and l.field = any(${p.add(keys)}::text[])`
  if (rows === true) return `(${link})`
  const row = new Row(p, 'h', { depth: 1 })
  const met = `${ownerSql(entity, row)} and h.id = l.from_id and ${conditionSql(rows.condition, row)}`
  return `(${link} and coalesce((select true from record h where ${met}), false))`
}

/** That the caller has uploaded the file; a visitor, who cannot be recognized, until a record holds it. */
function ownSql(id: string | null, p: Parameters): string {
  return id === null
    ? `(r.created_by is null and not ${inUseSql({ alias: 'r' })})`
    : `r.created_by = ${p.add(id)}::uuid`
}

/** SQL condition on the file of alias `r`: the caller may read it. */
export function mayRead({ id, role }: Caller, holders: readonly Holder[], p: Parameters): string {
  if (isAdmin(role)) return 'true'
  const own = ownSql(id, p)
  if (holders.length === 0) return own
  const held = holders.map((holder) => heldBy(holder, p)).join(' or ')
  return `(${own} or coalesce((
    select true from link l
    where l.tenant_id = r.tenant_id and l.to_entity = r.entity_id and l.to_id = r.id and (${held})
    limit 1), false))`
}

/** The only account whose files the caller may list and delete; null: nobody's, undefined: anyone's. */
export function onlyOwner({ id, role }: Caller): string | null | undefined {
  return isAdmin(role) ? undefined : id
}

export function mayDelete(caller: Caller, { createdBy }: StoredFile): boolean {
  const owner = onlyOwner(caller)
  return owner === undefined || (owner !== null && owner === createdBy)
}
