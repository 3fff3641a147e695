// The audit log in the database: one row for each event, inserted in the transaction that changes something, or on its own.
// Details are visible to the tenant's admins and hold no secrets.
import { v7 as uuid } from 'uuid'
import { column, columns, orNull } from '../db/columns.ts'
import { IS_ADMITTED } from '../db/enter.ts'
import type { Queryable, Statement } from '../db/statement.ts'

/** The caller who acts, or the name under which a sign-in failed. */
export interface AuditActor {
  id: string | null
  username: string
  tenant: { id: string }
}

export interface AuditEvent {
  action: `${'sign_in' | 'session' | 'user' | 'password' | 'key' | 'tenant' | 'schema' | 'role' | 'permission' | 'records' | 'file' | 'history' | 'access'}.${string}`
  /** The name or the id of the object of the action. */
  target?: string
  details?: object
}

/** An entry as the API answers it. */
export interface AuditEntry {
  id: string
  created_at: string
  actor_id: string | null
  actor: string
  action: string
  target: string | null
  details: unknown
}

export const insertAudit = (actor: AuditActor, { action, target, details = {} }: AuditEvent): Statement => ({
  // A part of a statement: a plain insert of what is selected is one that Citus refuses under row-level security.
  text: `with made as (insert into audit (tenant_id, id, actor_id, actor, action, target, details)
      select $1, $2, $3, $4, $5, $6, $7 where ${IS_ADMITTED} returning true)
    select from made`,
  values: [
    actor.tenant.id,
    uuid(),
    actor.id,
    actor.username,
    action,
    target ?? null,
    JSON.stringify(details),
  ],
})

/** Failed sign-ins of a tenant that are recorded in an hour. */
const FAILURES_PER_HOUR = 1000

/** Records a sign-in that failed under a name; beyond FAILURES_PER_HOUR one entry says that the rest is not recorded. */
export const insertFailedSignIn = (tenantId: string, username: string, details: object): Statement => ({
  text: `select record_failed_sign_in($1, $2, $3, $4, $5) where ${IS_ADMITTED}`,
  values: [tenantId, uuid(), username, JSON.stringify(details), FAILURES_PER_HOUR],
})

/** Inserts an entry into the log of the actor's tenant, within the transaction. */
export async function recordAudit(tx: Queryable, actor: AuditActor, event: AuditEvent): Promise<void> {
  const { text, values } = insertAudit(actor, event)
  await tx.query(text, [...values])
}

/** The columns of an entry, of the alias `a`. */
export const AUDIT_ENTRY = columns<AuditEntry>({
  id: column.text('a.id'),
  created_at: column.timestamp('a.created_at'),
  actor_id: orNull(column.text('a.actor_id')),
  actor: column.text('a.actor'),
  action: column.text('a.action'),
  target: orNull(column.text('a.target')),
  details: column.json('a.details'),
})
