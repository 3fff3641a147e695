// The audit log as the subject of advice on a query that is outside the grammar.
import { Parameters } from '../db/parameters.ts'
import { errors } from '../errors.ts'
import type { AdviceContext } from '../query/advice/advice-subject.ts'
import { advise } from '../query/advice/advise.ts'
import type { Query } from '../query/ast.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import type { UnreadParameter } from '../query/parse/unread.ts'
import { AUDIT_COLUMNS, auditOperand } from './audit-column.ts'
import { AUDIT_OPERATORS } from './audit-condition.ts'
import { auditOutput, selectAudit } from './audit-query.ts'

type Limits = Pick<AdviceContext['subject'], 'defaultLimit' | 'maxLimit'>

/** The refusal of a parameter, with advice on the columns of the log. */
export function adviseOnAudit(unread: UnreadParameter, search: string, limits: Limits) {
  const subject = {
    fields: AUDIT_COLUMNS,
    searched: ['action', 'actor', 'target'],
    relations: [],
    operatorsOf: auditOperators,
    ...limits,
  }
  return advise(unread, { subject, search, accept: (spelling) => requireAudit(parseQuery(spelling)) })
}

/** Refuses what the columns of the log do not allow. */
function requireAudit(query: Query): void {
  auditOutput(query.select)
  selectAudit('', query, { limit: 1, offset: 0 })
}

/** An operator and a value for each column. */
export const AUDIT_EXAMPLES: Readonly<Record<(typeof AUDIT_COLUMNS)[number], string>> = {
  id: 'lt.01980000-0000-7000-8000-000000000000',
  created_at: 'gte.2026-01-01',
  actor_id: 'eq.01980000-0000-7000-8000-000000000000',
  actor: 'eq.admin',
  action: 'like.user.*',
  target: 'eq.student',
  details: 'cs.{"role":"admin"}',
}

/** The operators of a column, or of a path into the details; errors.unknownField. */
export function auditOperators(parameter: string): readonly string[] {
  const [name = ''] = parameter.split('->', 1)
  if (name !== parameter && name !== 'details') throw errors.unknownField(parameter, [...AUDIT_COLUMNS])
  const path = name === parameter ? [] : ['']
  return AUDIT_OPERATORS[auditOperand({ name, path, text: parameter.includes('->>') }, new Parameters()).type]
}
