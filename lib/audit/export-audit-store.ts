// The audit entry of an export of records.
import type { TenantScope } from '../db/scope.ts'
import type { TenantDb } from '../db/statement.ts'
import { type AuditActor, insertAudit } from './audit-store.ts'

/** Characters of an export's query that the log keeps. */
const LONGEST_QUERY = 2000

export interface ExportEvent {
  /** The entity's name. */
  entity: string
  /** `csv`, `ndjson`, ... */
  format: string
  /** The request's URL; the log keeps its query. */
  url: string
}

/** Records an export; to be awaited before the first record is sent, so that none leaves unrecorded. */
export async function recordExport(
  db: TenantDb,
  actor: AuditActor & { tenant: TenantScope },
  { entity, format, url }: ExportEvent,
): Promise<void> {
  const query = url.split('?')[1]?.slice(0, LONGEST_QUERY) ?? ''
  const event = { action: 'records.export', target: entity, details: { format, query } } as const
  await db.write(actor.tenant, [], insertAudit(actor, event))
}
