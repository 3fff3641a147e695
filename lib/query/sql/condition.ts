// SQL: Condition -> the text of a boolean expression. Only text, uuid and timestamptz comparisons stand before an index:
// they are leakproof, so row-level security does not keep them from it.

import type { Parameters } from '../../postgres/parameters.ts'
import type { FieldColumn } from '../plan/column.ts'
import type { Condition } from '../plan/condition.ts'
import { bind } from './bind.ts'
import { keyOperand, NULL_KEY_SQL, textOperand } from './operand.ts'

type Leaf<K extends Condition['kind']> = Extract<Condition, { kind: K }>

/** Renders a condition; its values go to `params`. */
export function conditionSql(condition: Condition, params: Parameters): string {
  switch (condition.kind) {
    case 'all':
      return joinSql(condition.of, params, { word: ' and ', none: 'true' })
    case 'any':
      return joinSql(condition.of, params, { word: ' or ', none: 'false' })
    case 'compare':
      return compareSql(condition, params)
    case 'compareLong':
      return compareLongSql(condition, params)
    case 'member':
      return memberSql(condition, params)
    case 'memberLong':
      return memberLongSql(condition, params)
    case 'null':
      return nullSql(condition, params)
  }
}

function joinSql(
  of: Condition[],
  params: Parameters,
  { word, none }: { word: string; none: string },
): string {
  if (of.length === 0) return none
  const parts = of.map((inner) => conditionSql(inner, params))
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(word)})`
}

function compareSql({ column, comparison, value }: Leaf<'compare'>, params: Parameters): string {
  if (column.kind === 'system') return `r.${column.name} ${comparison} ${bind(params, value, column.sqlType)}`
  const compared = `${keyOperand(column, params)} ${comparison} ${bind(params, value, 'text')}`
  return comparison === '=' || comparison === '<' || comparison === '<='
    ? compared
    : setOnly(column, compared)
}

/** In a slot an unset field has the greatest key; a comparison upwards has to leave it out. */
function setOnly(column: FieldColumn, compared: string): string {
  return column.slot === null ? compared : `(${compared} and r.k${column.slot} < ${NULL_KEY_SQL})`
}

function compareLongSql(condition: Leaf<'compareLong'>, params: Parameters): string {
  const { column, comparison } = condition
  const key = () => keyOperand(column, params)
  const keyParam = () => bind(params, condition.key, 'text')
  const text = () => `${textOperand(column, params)} ${comparison} ${bind(params, condition.text, 'text')}`
  if (comparison === '=') return `(${key()} = ${keyParam()} and ${text()})`
  if (comparison === '<>') return setOnly(column, `(${key()} <> ${keyParam()} or ${text()})`)
  const strict = comparison.startsWith('<') ? '<' : '>'
  const bounded = `${key()} ${strict}= ${keyParam()} and (${key()} ${strict} ${keyParam()} or ${text()})`
  return setOnly(column, `(${bounded})`)
}

function memberSql({ column, negated, values }: Leaf<'member'>, params: Parameters): string {
  const word = negated ? '<> all' : '= any'
  if (column.kind === 'system')
    return `r.${column.name} ${word} (${bind(params, values, `${column.sqlType}[]`)})`
  const member = `${keyOperand(column, params)} ${word} (${bind(params, values, 'text[]')})`
  return negated ? setOnly(column, member) : member
}

function memberLongSql({ column, negated, keys, texts }: Leaf<'memberLong'>, params: Parameters): string {
  const word = negated ? '<> all' : '= any'
  const key = `${keyOperand(column, params)} ${word} (${bind(params, keys, 'text[]')})`
  const text = `${textOperand(column, params)} ${word} (${bind(params, texts, 'text[]')})`
  return negated ? setOnly(column, `(${key} or ${text})`) : `(${key} and ${text})`
}

function nullSql({ column, negated }: Leaf<'null'>, params: Parameters): string {
  const word = negated ? 'is not null' : 'is null'
  if (column.kind === 'system') return `r.${column.name} ${word}`
  if (column.slot !== null) return `r.k${column.slot} ${negated ? '<' : '='} ${NULL_KEY_SQL}`
  return `(r.data->${bind(params, column.field.key, 'text')}) ${word}`
}
