// Plans a query of the audit log, in the grammar of the records: filters, order, page and select in, a statement and the
// function that selects the members of an entry out. Without an order the newest come first, and only then is a cursor
// allowed. Refuses embedding and aggregates.
import { validate as isUuid } from 'uuid'
import { Parameters } from '../db/parameters.ts'
import type { RowRange } from '../db/row-range.ts'
import type { Statement } from '../db/statement.ts'
import { errors } from '../errors.ts'
import type { OrderTerm, Query, SelectItem } from '../query/ast.ts'
import { auditColumn, auditOperand } from './audit-column.ts'
import { auditCondition } from './audit-condition.ts'
import { AUDIT_ENTRY, type AuditEntry } from './audit-store.ts'

function orderSql({ field, relation, descending, nulls }: OrderTerm, p: Parameters): string {
  if (relation !== undefined) throw errors.notEmbedded(relation, [])
  const { sql } = auditOperand(field, p)
  return `${sql} ${descending ? 'desc' : 'asc'}${nulls === undefined ? '' : ` nulls ${nulls}`}`
}

function cursorSql({ cursor, order, offset }: Query, p: Parameters): string {
  if (offset !== undefined) throw errors.malformedQuery('cursor and offset exclude each other.')
  if (order.length > 0) throw errors.malformedQuery('cursor: it was made for another order.')
  if (!isUuid(cursor)) throw errors.malformedQuery('cursor: this is not one; take it from the Link header.')
  return `a.id < ${p.add(cursor, 'uuid')}`
}

function whereSql(tenantId: string, { where }: Query, p: Parameters): string {
  return [`a.tenant_id = ${p.add(tenantId)}`, ...where.map((node) => auditCondition(node, p))].join(' and ')
}

/** Selects the entries of a page. */
export function selectAudit(tenantId: string, query: Query, { limit, offset }: RowRange): Statement {
  const [embedded] = query.embedded.keys()
  if (embedded !== undefined) throw errors.notEmbedded(embedded, [])
  const p = new Parameters()
  const where = [whereSql(tenantId, query, p)]
  if (query.cursor !== undefined) where.push(cursorSql(query, p))
  const order = [...query.order.map((term) => orderSql(term, p)), 'a.id desc']
  const text = `select ${AUDIT_ENTRY.list} from audit a where ${where.join(' and ')}
    order by ${order.join(', ')} limit ${p.add(limit)} offset ${p.add(offset)}`
  return { text, values: p.values }
}

/** The number of entries that the filters match, on all pages. */
export function countAudit(tenantId: string, query: Query): Statement {
  const p = new Parameters()
  const text = `select count(*)::text from audit a where ${whereSql(tenantId, query, p)}`
  return { text, values: p.values }
}

type Output = (entry: AuditEntry) => [name: string, value: unknown][]

/** Maps an entry to its selected members. */
export function auditOutput(select: readonly SelectItem[]): (entry: AuditEntry) => object {
  const outputs = select.map(outputOf)
  return (entry) => Object.fromEntries(outputs.flatMap((output) => output(entry)))
}

function outputOf(item: SelectItem): Output {
  if (item.kind === 'all') return (entry) => Object.entries(entry)
  if (item.kind === 'embed') throw errors.unknownRelation('audit', item.name, [])
  if (item.kind === 'aggregate') throw errors.malformedQuery('The audit log has no aggregates.')
  const { field, text = field.text, alias } = item
  const column = auditColumn(field)
  if (field.path.length > 0 && column !== 'details')
    throw errors.malformedQuery(`${column} is not a JSON column and has no paths.`)
  const name = alias ?? String(field.path.filter((step) => typeof step === 'string').at(-1) ?? column)
  return (entry) => [[name, follow(entry[column], { path: field.path, text })]]
}

function follow(value: unknown, { path, text }: { path: (string | number)[]; text: boolean }): unknown {
  const found = path.reduce(step, value) ?? null
  return text && found !== null && typeof found !== 'string' ? JSON.stringify(found) : found
}

function step(value: unknown, key: string | number): unknown {
  if (Array.isArray(value) && typeof key === 'number') return value.at(key)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
  return (value as Record<string, unknown>)[key]
}
