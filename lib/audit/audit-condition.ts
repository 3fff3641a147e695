// Renders parsed filters of the audit log as SQL. Texts compare by code point (collation "C"). Refuses operators that a column
// does not have and values that are not of its type.

import type { Parameters } from '../db/parameters.ts'
import { errors } from '../errors.ts'
import { typeOf } from '../fields/index.ts'
import { parseDocument } from '../fields/parse-document.ts'
import { relativeMoment } from '../fields/relative-moment.ts'
import type { ConditionNode, FilterNode } from '../query/ast.ts'
import { makePattern } from '../query/plan/pattern.ts'
import { nullHint } from '../query/plan/typed-value.ts'
import { type AuditOperand, auditOperand } from './audit-column.ts'

type Render = (operand: AuditOperand, node: ConditionNode, p: Parameters) => string

const EQUALITY = ['eq', 'neq', 'in', 'is', 'isdistinct'] as const

const ORDERED = [...EQUALITY, 'gt', 'gte', 'lt', 'lte'] as const

/** The operators of each kind of column. */
export const AUDIT_OPERATORS: Readonly<Record<AuditOperand['type'], readonly string[]>> = {
  text: [...ORDERED, 'like', 'ilike'],
  timestamptz: ORDERED,
  jsonb: [...EQUALITY, 'cs', 'cd'],
}

const RENDERERS: Readonly<Record<string, Render>> = {
  eq: comparing('='),
  neq: comparing('<>'),
  gt: comparing('>'),
  gte: comparing('>='),
  lt: comparing('<'),
  lte: comparing('<='),
  isdistinct: comparing('is distinct from'),
  cs: comparing('@>'),
  cd: comparing('<@'),
  like: matching('like'),
  ilike: matching('ilike'),
  in: (operand, { value }, p) => {
    const values = (value as string[]).map((text) => comparable(operand, text))
    return `${operand.sql} = any(${p.add(values, `${operand.type}[]`)})`
  },
  is: ({ name, sql }, { value }) => {
    if (value !== 'null' && value !== 'not_null')
      throw errors.operatorNotAllowed(name, `is.${value}`, ['is.null', 'is.not_null'])
    return `${sql} is ${value === 'null' ? 'null' : 'not null'}`
  },
}

function comparing(operator: string): Render {
  return (operand, { quantifier = '', value }, p) => {
    const { sql, type } = operand
    if (typeof value === 'string') return `${sql} ${operator} ${p.add(comparable(operand, value), type)}`
    const values = value.map((text) => comparable(operand, text))
    return `${sql} ${operator} ${quantifier}(${p.add(values, `${type}[]`)})`
  }
}

function matching(operator: 'like' | 'ilike'): Render {
  return ({ sql }, { quantifier = 'all', value }, p) => {
    const { patterns } = makePattern([value].flat(), false, quantifier)
    return `${sql} ${operator} ${quantifier}(${p.add(patterns, 'text[]')})`
  }
}

/** The value as PostgreSQL reads it for the operand's type; errors.invalidValue. */
function comparable({ name, type }: AuditOperand, text: string): string {
  if (type === 'text') return text
  const shown = text.slice(0, 80)
  if (type === 'jsonb') {
    const value = parseDocument(text)
    if (value === undefined) throw errors.invalidValue(name, shown, 'it takes JSON; to compare texts use ->>')
    return JSON.stringify(value)
  }
  const field = { name, key: name, type: 'datetime' }
  const moment = typeOf('datetime').parse?.(relativeMoment(text) ?? text.trim(), field)
  if (moment === undefined)
    throw errors.invalidValue(
      name,
      shown,
      'it takes a date or date-time, or one such as now-7d',
      nullHint(text),
    )
  return String(moment)
}

/** The filter as a boolean expression on the audit log's row `a`. */
export function auditCondition(node: FilterNode, p: Parameters): string {
  if (node.kind === 'unknown') return 'null::boolean'
  const sql = node.kind === 'condition' ? conditionSql(node, p) : treeSql(node.kind, node.nodes, p)
  return node.negated ? `not (${sql})` : sql
}

function treeSql(kind: 'and' | 'or', nodes: readonly FilterNode[], p: Parameters): string {
  if (nodes.length === 0) return kind === 'and' ? 'true' : 'false'
  return `(${nodes.map((node) => auditCondition(node, p)).join(` ${kind} `)})`
}

function conditionSql(node: ConditionNode, p: Parameters): string {
  const operand = auditOperand(node.field, p)
  const allowed = AUDIT_OPERATORS[operand.type]
  if (!allowed.includes(node.operator)) throw errors.operatorNotAllowed(operand.name, node.operator, allowed)
  return (RENDERERS[node.operator] as Render)(operand, node, p)
}
