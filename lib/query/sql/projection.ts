// SQL: the JSON text of a record for a list of outputs, put together in the database; embedded entities in the same
// expression, as subqueries. Node never parses it.

import type { Parameters } from '../../db/parameters.ts'
import type { EmbedPlan, LevelPlan, Output, RecordsPlan, SpreadOutput } from '../plan/level-plan.ts'
import { conditionSql } from './condition.ts'
import { filePieces } from './file.ts'
import { groupsSql, type Source } from './groups.ts'
import { orderBySql } from './order.ts'
import { columnPieces, type Piece, piecesSql } from './output.ts'
import { listedSource, type RelatedSource, relatedSource } from './relation.ts'
import { Row } from './row.ts'
import { guardedListSql, guardedListsSql, guardedSql, sizeGuardOf } from './size-guard.ts'

/**
 * Renders the SQL expression whose value is one record's finished JSON text.
 *
 * @param alias the record table's name or alias in the statement around it
 */
export function projection(outputs: readonly Output[], params: Parameters, alias = 'r'): string {
  const before = params.values.length
  const texts = rendered.get(outputs) ?? new Map<string, Rendered>()
  const known = texts.get(`${alias} ${before}`)
  if (known !== undefined) {
    params.values.push(...known.values)
    return known.sql
  }
  const sql = recordSql(outputs, new Row(params, alias))
  texts.set(`${alias} ${before}`, { sql, values: params.values.slice(before) })
  rendered.set(outputs, texts)
  return sql
}

interface Rendered {
  sql: string
  values: unknown[]
}

/** Memo: SQL of outputs, by alias and number of the first parameter; requests that share a plan have the same outputs. */
const rendered = new WeakMap<readonly Output[], Map<string, Rendered>>()

/** As `projection`, for a row. */
export function recordSql(outputs: readonly Output[], row: Row): string {
  const guarded = row.guarded(() => sizeGuardOf(outputs))
  return outputs.length === 0 ? `'{}'` : membersSql(outputs, guarded, { open: '{', close: '}' })
}

/** The text around the members of a record. */
interface Braces {
  open: string
  close: string
}

/** From so many fields on it pays to unpack the data first. */
const MANY_FIELDS = 8

/**
 * `"name":value` of each output, with commas between. A large document is stored compressed and would be unpacked once
 * for every field (300 fields: 870 ms a page instead of 33); joined with an empty one it is unpacked once.
 */
function membersSql(outputs: readonly Output[], row: Row, braces: Braces): string {
  const fields = outputs.filter((output) => output.kind === 'column' && output.column.kind !== 'system')
  if (fields.length < MANY_FIELDS) return joinMembers(outputs, { row, data: row }, braces)
  const data = row.inner('d')
  const unpacked = `select ${row.alias}.data || '{}'::jsonb as data offset 0`
  return `(select ${joinMembers(outputs, { row, data }, braces)} from (${unpacked}) ${data.alias})`
}

/** The row of a record, and the one that has its data. */
interface Rows {
  row: Row
  data: Row
}

function joinMembers(outputs: readonly Output[], rows: Rows, { open, close }: Braces): string {
  const members = outputs.flatMap((output, at): Piece[] => {
    const comma = at === 0 ? '' : ','
    if (output.kind === 'spread') return [{ known: comma }, { sql: spreadSql(output, rows.row) }]
    return [{ known: `${comma}${JSON.stringify(output.name)}:` }, ...outputPieces(output, rows)]
  })
  return piecesSql([{ known: open }, ...members, { known: close }], rows.row)
}

/** The JSON text of one output, `null` where there is nothing. */
function outputPieces(output: Exclude<Output, SpreadOutput>, { row, data }: Rows): Piece[] {
  if (output.kind === 'file') return filePieces(output, row)
  if (output.kind !== 'column') return [{ sql: embedSql(output.embed, row) }]
  if (output.column.kind === 'system') return columnPieces(output.column, row)
  return columnPieces(output.column, data).map((piece) =>
    'sql' in piece ? { sql: guardedSql(piece.sql, row.guard) } : piece,
  )
}

/** The members that a spread output adds; `null` or empty lists where there is no related record. */
function spreadSql(output: SpreadOutput, row: Row): string {
  const { embed, names } = output
  if (!embed.related.relation.single) return spreadListSql(embed, row)
  const { target, from, where } = embedSource(embed, row)
  const outputs = embed.rows.outputs as Output[]
  const members = `select ${membersSql(outputs, target, { open: '', close: '' })} from ${from} where ${where} limit 1`
  const none = names.map((name) => `${JSON.stringify(name)}:null`).join(',')
  return `coalesce((${members}), ${row.bind(none, 'text')})`
}

/** The lists of a spread relation to many: the columns of its page, each put together. */
function spreadListSql(embed: EmbedPlan, row: Row): string {
  const source = embedSource(embed, row)
  const values = (embed.rows.outputs as Output[]).flatMap((output) => valuesOf(output, source.target))
  const columns = values.map(({ sql }, at) => `${sql} as v${at}`)
  const page = `select ${columns.join(', ')} from ${pageOf(embed, source, row)}`
  const lists = guardedListsSql(values.length, row.guard ?? sizeGuardOf([]))
  const members = values.flatMap(({ name }, at): Piece[] => [
    { known: `${at === 0 ? '' : ','}${JSON.stringify(name)}:[` },
    { sql: lists.columns[at] as string },
    { known: ']' },
  ])
  return `(select ${piecesSql(members, row)} from (${lists.from(page)}) y)`
}

interface Value {
  name: string
  /** JSON text, never null. */
  sql: string
}

/** The outputs of a record as values of their own, those of spread entities included. */
function valuesOf(output: Output, row: Row): Value[] {
  if (output.kind !== 'spread')
    return [{ name: output.name, sql: `(${piecesSql(outputPieces(output, { row, data: row }), row)})` }]
  const { embed } = output
  const source = embedSource(embed, row)
  const { target, from, where } = source
  const values = (embed.rows.outputs as Output[]).flatMap((inner) => valuesOf(inner, target))
  if (embed.related.relation.single)
    return values.map(({ name, sql }) => ({
      name,
      sql: `coalesce((select ${sql} from ${from} where ${where} limit 1), 'null')`,
    }))
  const page = pageOf(embed, source, row)
  return values.map(({ name, sql }) => ({
    name,
    sql: guardedListSql(`select ${sql} as record from ${page}`, row.guard ?? sizeGuardOf([]), target.depth),
  }))
}

function embedSql(embed: EmbedPlan, row: Row): string {
  const { rows } = embed
  const source = embedSource(embed, row)
  const { target, from, where } = source
  if (embed.related.relation.single)
    return `coalesce((${rowsSql(rows, { row: target, from, where })} limit 1), 'null')`
  const records =
    rows.kind === 'groups'
      ? `${rowsSql(rows, { row: target, from, where })} ${limitSql(embed, row)}`
      : `select ${recordSql(rows.outputs, target)} as record from ${pageOf(embed, source, row)}`
  return guardedListSql(records, row.guard ?? sizeGuardOf([]), target.depth)
}

function limitSql({ limit, offset }: EmbedPlan, row: Row): string {
  return `limit ${row.bind(limit, 'bigint')} offset ${row.bind(offset, 'bigint')}`
}

/** The page of related records in their order, before their JSON is made: it is not carried through the sort. */
function pageOf(embed: EmbedPlan, { target, from, where, place }: EmbedSource, row: Row): string {
  const by = place ?? orderBySql((embed.rows as RecordsPlan).order, target)
  const page = `select ${target.alias}.* from ${from} where ${where} order by ${by} ${limitSql(embed, row)}`
  return `(${page}) ${target.alias}`
}

interface EmbedSource extends Omit<RelatedSource, 'where'> {
  where: string
}

function embedSource({ related, rows, inListOrder }: EmbedPlan, row: Row): EmbedSource {
  const { relation, throughWhere } = related
  const through = throughWhere && ((middle: Row) => conditionSql(throughWhere, middle))
  const source = inListOrder ? listedSource(relation, row) : relatedSource(relation, row, through)
  return { ...source, where: [...source.where, conditionSql(rows.where, source.target)].join(' and ') }
}

/** The select of a level's records in their order: column `record`. */
export function rowsSql(plan: LevelPlan, source: Source): string {
  if (plan.kind === 'groups') {
    const row = source.row.guarded(() => sizeGuardOf(plan.outputs))
    return groupsSql(plan, { ...source, row }, groupingSql)
  }
  const { row, from, where } = source
  const order = orderBySql(plan.order, row)
  return `select ${recordSql(plan.outputs, row)} as record from ${from} where ${where} order by ${order}`
}

const groupingSql = (output: Output, row: Row) =>
  output.kind === 'spread' ? spreadSql(output, row) : piecesSql(outputPieces(output, { row, data: row }), row)
