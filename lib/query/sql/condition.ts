// SQL: Condition -> a boolean expression. Comparisons by index are of text, uuid and timestamptz only: these are leakproof,
// so row-level security allows an index scan.
import type { Condition } from '../plan/condition.ts'
import type { FieldColumn } from '../plan/operand.ts'
import { inUseSql } from './file.ts'
import { matchSql } from './match.ts'
import { jsonSql, NULL_KEY_SQL, operandSql, textSql } from './operand.ts'
import { relatedSource } from './relation.ts'
import type { Row } from './row.ts'

type Leaf<K extends Condition['kind']> = Extract<Condition, { kind: K }>

/** Renders a condition on the record that the row stands for. */
export function conditionSql(condition: Condition, row: Row): string {
  return renderers[condition.kind](condition as never, row)
}

const renderers: { [K in Condition['kind']]: (condition: Leaf<K>, row: Row) => string } = {
  all: ({ of }, row) => combine(of, row, { word: ' and ', none: 'true' }),
  any: ({ of }, row) => combine(of, row, { word: ' or ', none: 'false' }),
  compare: compareSql,
  compareLong: compareLongSql,
  member: memberSql,
  memberLong: memberLongSql,
  null: nullSql,
  match: ({ column, negated, pattern }, row) =>
    negated ? `not ${matchSql(column, { ...pattern, prefix: '' }, row)}` : matchSql(column, pattern, row),
  contains: ({ column, negated, json }, row) =>
    negate(negated, `(${jsonSql(column, row)} @> ${row.bind(json, 'jsonb')})`),
  contained: ({ column, negated, json }, row) =>
    negate(negated, `(${jsonSql(column, row)} <@ ${row.bind(json, 'jsonb')})`),
  overlaps: ({ column, negated, lists }, row) =>
    negate(negated, `(${jsonSql(column, row)} @> any (${row.bind(lists, 'jsonb[]')}))`),
  inUse: ({ negated }, row) => negate(negated, inUseSql(row)),
  related: relatedSql,
}

const negate = (negated: boolean, sql: string) => (negated ? `not ${sql}` : sql)

function combine(of: Condition[], row: Row, { word, none }: { word: string; none: string }): string {
  if (of.length === 0) return none
  const parts = of.map((inner) => conditionSql(inner, row))
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(word)})`
}

function compareSql(leaf: Leaf<'compare'>, row: Row): string {
  const { column, comparison } = leaf
  const type = column.kind === 'field' ? 'text' : column.sqlType
  const compared = `${operandSql(column, row)} ${comparison} ${row.bindOf(leaf, type)}`
  const upwards = comparison === '>' || comparison === '>=' || comparison === '<>'
  return column.kind === 'field' && upwards ? setOnly(column, compared, row) : compared
}

/** In a slot an unset field has the greatest key; a comparison upwards has to leave it out. */
function setOnly(column: FieldColumn, compared: string, row: Row): string {
  return column.slot === null ? compared : `(${compared} and ${operandSql(column, row)} < ${NULL_KEY_SQL})`
}

function compareLongSql(condition: Leaf<'compareLong'>, row: Row): string {
  const { column, comparison } = condition
  const compareKey = (by: string) => `${operandSql(column, row)} ${by} ${row.bind(condition.key, 'text')}`
  const compareText = () => `${textSql(column, row)} ${comparison} ${row.bind(condition.text, 'text')}`
  if (comparison === '=') return `(${compareKey('=')} and ${compareText()})`
  if (comparison === '<>') return setOnly(column, `(${compareKey('<>')} or ${compareText()})`, row)
  const strict = comparison.startsWith('<') ? '<' : '>'
  const decided = `(${compareKey(strict)} or ${compareText()})`
  return setOnly(column, `(${compareKey(`${strict}=`)} and ${decided})`, row)
}

function memberSql(leaf: Leaf<'member'>, row: Row): string {
  const { column, negated } = leaf
  const type = column.kind === 'field' ? 'text[]' : (`${column.sqlType}[]` as const)
  const member = `${operandSql(column, row)} ${negated ? '<> all' : '= any'} (${row.bindOf(leaf, type)})`
  return column.kind === 'field' && negated ? setOnly(column, member, row) : member
}

function memberLongSql({ column, negated, keys, texts }: Leaf<'memberLong'>, row: Row): string {
  const word = negated ? '<> all' : '= any'
  const key = `${operandSql(column, row)} ${word} (${row.bind(keys, 'text[]')})`
  const text = `${textSql(column, row)} ${word} (${row.bind(texts, 'text[]')})`
  return negated ? setOnly(column, `(${key} or ${text})`, row) : `(${key} and ${text})`
}

function nullSql({ column, negated }: Leaf<'null'>, row: Row): string {
  if (column.kind === 'field' && column.slot !== null)
    return `${operandSql(column, row)} ${negated ? '<' : '='} ${NULL_KEY_SQL}`
  const operand = column.kind === 'field' ? jsonSql(column, row) : operandSql(column, row)
  return `${operand} ${negated ? 'is not null' : 'is null'}`
}

function relatedSql({ related, negated }: Leaf<'related'>, row: Row): string {
  const { relation, where, throughWhere } = related
  const through = throughWhere && ((middle: Row) => conditionSql(throughWhere, middle))
  const source = relatedSource(relation, row, through)
  const met = [...source.where, conditionSql(where, source.target)].join(' and ')
  return `${negated ? 'not exists' : 'exists'} (select 1 from ${source.from} where ${met})`
}
