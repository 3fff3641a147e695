// SQL: whose records a statement is about. Every statement names the tenant and the entity; row-level security is only
// the second wall.
import type { Entity } from '../../schema/entity.ts'
import type { Row } from './row.ts'

/** That the row is a record of the entity. */
export function ownerSql({ tenantId, id }: Entity, row: Row): string {
  const { alias } = row
  return `${alias}.tenant_id = ${row.bind(tenantId, 'uuid')} and ${alias}.entity_id = ${row.bind(id, 'bigint')}`
}
