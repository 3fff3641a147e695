// Filters of the audit log, as the query string has them: `column=operator.value`, comparisons only. Refuses any other
// column, operator or point in time.
import { errors } from '../errors.ts'

export interface AuditFilter {
  column: string
  /** SQL. */
  operator: string
  value: string
}

export const AUDIT_COLUMNS = ['id', 'created_at', 'actor_id', 'actor', 'action', 'target'] as const

const OPERATORS = new Map([
  ['eq', '='],
  ['neq', '<>'],
  ['gt', '>'],
  ['gte', '>='],
  ['lt', '<'],
  ['lte', '<='],
])

const MOMENT = /^(?!0000)\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?$/

/** Whether PostgreSQL will read it: a day that the calendar has, and a time. */
function isMoment(text: string): boolean {
  const day = text.slice(0, 10)
  if (!MOMENT.test(text) || Number.isNaN(Date.parse(text))) return false
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}

function readFilter(column: string, text: string): AuditFilter {
  const dot = text.indexOf('.')
  const name = text.slice(0, Math.max(dot, 0))
  const operator = OPERATORS.get(name)
  if (operator === undefined) throw errors.operatorNotAllowed(column, name || text, [...OPERATORS.keys()])
  const value = text.slice(dot + 1)
  if (column === 'created_at' && !isMoment(value))
    throw errors.invalidValue(column, value, 'a date or date-time')
  if (value.includes('\0')) throw errors.invalidValue(column, 'U+0000', 'text without U+0000')
  return { column, operator, value }
}

/** The filters among the parameters of a query string, all but those of the page. */
export function readAuditFilters(query: Readonly<Record<string, unknown>>): AuditFilter[] {
  const { limit: _limit, offset: _offset, ...rest } = query
  return Object.entries(rest).flatMap(([column, given]) => {
    if (!AUDIT_COLUMNS.some((known) => known === column))
      throw errors.unknownField(column, [...AUDIT_COLUMNS])
    return [given].flat().map((text) => readFilter(column, String(text)))
  })
}
