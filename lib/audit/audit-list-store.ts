// A page of a tenant's audit log: a query in the grammar of the records in, the selected members of its entries out, with
// the place of the next page and, if wanted, the number of all entries that the filters match.
import type { RowRange } from '../db/row-range.ts'
import type { TenantScope } from '../db/scope.ts'
import type { TenantDb } from '../db/statement.ts'
import { errors } from '../errors.ts'
import type { Query } from '../query/ast.ts'
import { auditOutput, countAudit, selectAudit } from './audit-query.ts'
import { AUDIT_ENTRY, type AuditEntry } from './audit-store.ts'

export interface AuditRequest extends RowRange {
  query: Query
  /** Whether to count the entries that the filters match. */
  counted: boolean
}

/** The parameter that asks for the next page. */
export type NextPage = { parameter: 'cursor'; value: string } | { parameter: 'offset'; value: number }

export interface AuditPage {
  entries: object[]
  /** Undefined unless counted. */
  total: number | undefined
  /** Undefined on the last page. */
  next: NextPage | undefined
}

/** Reads a page of the log; refuses what the query's columns and operators do not allow, and errors.pageOutOfRange. */
export async function listAudit(
  db: TenantDb,
  tenant: TenantScope,
  { query, counted, limit, offset }: AuditRequest,
): Promise<AuditPage> {
  const output = auditOutput(query.select)
  const rows = await db.read(tenant, selectAudit(tenant.id, query, { limit: limit + 1, offset }))
  const shown = rows.slice(0, limit).map(AUDIT_ENTRY.decode)
  const total = counted ? await countEntries(db, tenant, query) : undefined
  if (total !== undefined && offset > total) throw errors.pageOutOfRange(offset, total)
  const last = rows.length > shown.length ? shown.at(-1) : undefined
  return { entries: shown.map(output), total, next: last && nextPage(query, last, offset + limit) }
}

async function countEntries(db: TenantDb, tenant: TenantScope, query: Query): Promise<number> {
  const [row] = await db.read(tenant, countAudit(tenant.id, query))
  return Number(row?.[0])
}

/** A cursor where the query allows one: entries that are added at the front meanwhile do not shift it. */
function nextPage(query: Query, last: AuditEntry, end: number): NextPage {
  const byOffset = query.order.length > 0 || query.offset !== undefined
  return byOffset ? { parameter: 'offset', value: end } : { parameter: 'cursor', value: last.id }
}
