// Where a permission comes from: the role's default, or a PUT, by whom and when as far as the audit log still has it.

import type { Trace } from '../../access/explain/subject.ts'
import { presentPermission } from '../../access/read-permission.ts'
import { column, columns, oneRow, orNull } from '../../db/columns.ts'
import type { Statement } from '../../db/statement.ts'
import type { TenantSnapshot } from '../../db/tenant.ts'
import type { Entity } from '../../entities/entity.ts'
import type { RecordContext } from '../actor.ts'

const ORIGIN = columns<{ at: string; by: string | null }>({
  at: column.timestamp('p.updated_at'),
  by: orNull(column.text('a.actor')),
})

/** The entry of a PUT has its time: one transaction writes both. */
const selectOrigin = ({ tenantId, id, name }: Entity, role: string): Statement => ({
  text: `select ${ORIGIN.list} from permission p left join audit a on a.tenant_id = p.tenant_id
      and a.created_at = p.updated_at and a.action = 'permission.set' and a.target = $4 and a.details->>'role' = p.role
    where p.tenant_id = $1 and p.entity_id = $2 and p.role = $3 limit 1`,
  values: [tenantId, id, role, name],
})

/** With the rules and the fields for an admin; others see those of the verbs. */
export async function permissionSource(
  { db }: Pick<RecordContext, 'db'>,
  tenant: TenantSnapshot,
  { subject, entity, permission, isStored, asksAdmin }: Trace,
): Promise<object> {
  const { role } = subject.user
  if (!asksAdmin) return { source: `${isStored ? 'set for' : 'default of'} ${role}`, role }
  const presented = presentPermission(role, permission, entity)
  if (!isStored) return { source: `default of ${role}`, ...presented }
  const { by, at } = ORIGIN.decode(oneRow(await db.read(tenant, selectOrigin(entity, role))))
  return { source: `PUT${by === null ? '' : ` by ${by}`}, ${at}`, ...presented }
}
