// SQL: a level with aggregates, as three nested selects: the inputs of each record, the groups, their JSON.

import type { AggregateOutput, ColumnOutput, GroupOutput, GroupsPlan, Output } from '../plan/level-plan.ts'
import { orderName } from '../plan/order.ts'
import { aggregateJsonSql, aggregateSql, inputSql } from './aggregate.ts'
import { orderKeySql, sortedSql, unsetOf } from './order.ts'
import { type Piece, piecesSql } from './output.ts'
import type { Row } from './row.ts'
import { guardedSql } from './size-guard.ts'

/** Where the records come from. */
export interface Source {
  row: Row
  from: string
  where: string
}

/** @param outputJson renders the JSON of an output that groups, or the members of a spread one */
export type OutputJson = (output: Output, row: Row) => string

/** The select of the level's records, in order: column `record`. */
export function groupsSql(plan: GroupsPlan, source: Source, outputJson: OutputJson): string {
  const { outputs } = plan
  const inner = outputs.flatMap((output, at) => innerColumns({ output, at, outputs }, source.row, outputJson))
  const records = `select ${inner.join(', ') || '1'} from ${source.from} where ${source.where}`
  const by = outputs.flatMap((output, at) => groupColumns(output, at))
  const shown = outputs.flatMap((output, at) => shownColumns(output, at))
  const aggregates = outputs.flatMap((output, at) =>
    output.kind === 'aggregate' && firstLike(output, outputs) === at
      ? [`${aggregateSql(output, `v${at}`)} as v${at}`]
      : [],
  )
  const grouped = `select ${[...shown, ...aggregates].join(', ')} from (${records}) x`
  const groups = by.length === 0 ? grouped : `${grouped} group by ${by.join(', ')}`
  return `select ${groupRecordSql(outputs, source.row)} as record from (${groups}) x${orderSql(plan)}`
}

interface Placed {
  output: GroupOutput
  at: number
  outputs: readonly GroupOutput[]
}

/** The first output with the same aggregate: its values are computed, and kept in memory, once for all names. */
function firstLike({ aggregate, column }: AggregateOutput, outputs: readonly GroupOutput[]): number {
  return outputs.findIndex(
    (other) =>
      other.kind === 'aggregate' &&
      other.aggregate === aggregate &&
      (column === undefined || other.column === undefined
        ? column === other.column
        : orderName(other.column) === orderName(column)),
  )
}

function innerColumns(one: Placed, row: Row, outputJson: OutputJson): string[] {
  const { output, at } = one
  if (output.kind === 'aggregate') {
    const input = firstLike(output, one.outputs) === at ? inputSql(output, row) : undefined
    return input === undefined ? [] : [`${input} as v${at}`]
  }
  const json = `${outputJson(output, row)} as g${at}`
  return isOrdered(output) ? [json, `${orderKeySql(output.column, row)} as o${at}`] : [json]
}

function groupColumns(output: GroupOutput, at: number): string[] {
  if (output.kind === 'aggregate') return []
  if (!isOrdered(output)) return [`g${at}`]
  return hasEquivalents(output) ? [`o${at}`] : [`g${at}`, `o${at}`]
}

/** The columns of a group; of equal values with different texts the least text. */
function shownColumns(output: GroupOutput, at: number): string[] {
  const by = groupColumns(output, at)
  return hasEquivalents(output) ? [`min(g${at} collate "C") as g${at}`, ...by] : by
}

function hasEquivalents(output: GroupOutput): boolean {
  return isOrdered(output) && output.column.kind === 'field' && output.column.type.hasEquivalents === true
}

function isOrdered(output: GroupOutput): output is ColumnOutput {
  return output.kind === 'column' && (output.column.kind !== 'field' || output.column.keyed)
}

function groupRecordSql(outputs: readonly GroupOutput[], row: Row): string {
  const members = outputs.flatMap((output, at): Piece[] => {
    const comma = at === 0 ? '' : ','
    if (output.kind === 'spread') return [{ known: comma }, { sql: `g${at}` }]
    const json =
      output.kind === 'aggregate' ? aggregateJsonSql(output, `v${firstLike(output, outputs)}`) : `g${at}`
    return [{ known: `${comma}${JSON.stringify(output.name)}:` }, { sql: guardedSql(json, row.guard) }]
  })
  return piecesSql([{ known: '{' }, ...members, { known: '}' }], row)
}

/** The order of the query; then by the texts of the outputs, so that the order of groups is deterministic. */
function orderSql({ outputs, order }: GroupsPlan): string {
  const terms = order.map((key) => {
    const output = outputs[key.output] as GroupOutput
    if (output.kind === 'column') return sortedSql(() => `o${key.output}`, key, unsetOf(output.column))
    const at = output.kind === 'aggregate' ? firstLike(output, outputs) : key.output
    return `v${at} ${key.descending ? 'desc' : 'asc'} nulls ${key.nullsFirst ? 'first' : 'last'}`
  })
  const rest = outputs.flatMap((output, at) => (output.kind === 'aggregate' ? [] : [`g${at} collate "C"`]))
  const all = [...terms, ...rest].join(', ')
  return all === '' ? '' : ` order by ${all}`
}
