// SQL: a level with aggregates, as three nested selects: the inputs of each record, the groups, their JSON.

import type { Entity } from '../../entities/entity.ts'
import { boundColumns, isSameColumn, leavesOf } from '../plan/index-use.ts'
import type { AggregateOutput, ColumnOutput, GroupOutput, GroupsPlan, Output } from '../plan/level-plan.ts'
import type { FieldColumn } from '../plan/operand.ts'
import { orderName } from '../plan/order.ts'
import { aggregateJsonSql, aggregateSql, inputSql } from './aggregate.ts'
import { jsonSql, keySql } from './operand.ts'
import { orderKeySql, sortedSql, unsetOf } from './order.ts'
import { type Piece, piecesSql } from './output.ts'
import type { Row } from './row.ts'
import { boundOwnerSql } from './scope.ts'
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
  const where = [source.where, ...filledSql(plan, source.row)].join(' and ')
  const placed = outputs.map((output, at) => ({ output, at, outputs }))
  const inner = placed.flatMap((one) => innerColumns(one, source.row, outputJson))
  const records = `select ${inner.join(', ') || '1'} from ${source.from} where ${where}`
  const by = placed.flatMap((one) => groupColumns(one, source.row))
  const shown = placed.flatMap((one) => shownColumns(one, source.row))
  const aggregates = outputs.flatMap((output, at) =>
    output.kind === 'aggregate' && firstLike(output, outputs) === at
      ? [`${aggregateSql(output, `v${at}`)} as v${at}`]
      : [],
  )
  const grouped = `select ${[...shown, ...aggregates].join(', ')} from (${records}) x`
  const groups = by.length === 0 ? grouped : `${grouped} group by ${by.join(', ')}`
  return `select ${groupRecordSql(plan, source.row)} as record from (${groups}) x${orderSql(plan, source.row)}`
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
  const key = isOrdered(output) ? [`${orderKeySql(output.column, row)} as o${at}`] : []
  return isByKey(output, row) ? key : [`${outputJson(output, row)} as g${at}`, ...key]
}

/**
 * Whether an index has all that an output groups by: records of one key have one value, which one of them shows. Only where
 * records are those of the statement's own entity.
 */
function isByKey(output: GroupOutput, { depth }: Row): output is ByKey {
  if (depth > 0 || output.kind !== 'column' || output.column.kind !== 'field') return false
  const { field, type, slot, formerKeys } = output.column
  return slot !== null && !formerKeys && type.keyIsWhole?.(field) === true
}

interface ByKey extends ColumnOutput {
  column: FieldColumn
}

/**
 * Says nothing new about a filled slot, but only so the planner may use its partial index: for groups that need nothing else of
 * the records, which would otherwise be read in the order of that index.
 */
function filledSql({ outputs, where }: GroupsPlan, row: Row): string[] {
  const [first, ...others] = outputs.filter((output) => output.kind !== 'aggregate')
  if (first === undefined || others.length > 0 || !isByKey(first, row)) return []
  const { column } = first
  const isEnough =
    outputs.every(
      (output) => output === first || (output.kind === 'aggregate' && output.column === undefined),
    ) &&
    leavesOf(where).every((leaf) => boundColumns(leaf).some((bound) => isSameColumn(bound.column, column)))
  return isEnough ? [`${keySql(column, row)} is not null`] : []
}

/** The value of a group, from any record that has its key. */
function valueOfKeySql(
  { entity, column, at }: { entity: Entity; column: FieldColumn; at: number },
  row: Row,
) {
  const record = row.inner('g')
  const where = `${boundOwnerSql(entity, record)} and ${keySql(column, record)} = o${at}`
  return `coalesce((select ${jsonSql(column, record)}::text from record ${record.alias} where ${where} limit 1), 'null')`
}

function groupColumns({ output, at }: Placed, row: Row): string[] {
  if (output.kind === 'aggregate') return []
  if (!isOrdered(output)) return [`g${at}`]
  return hasEquivalents(output) || isByKey(output, row) ? [`o${at}`] : [`g${at}`, `o${at}`]
}

/** The columns of a group; of equal values with different texts the least text. */
function shownColumns(one: Placed, row: Row): string[] {
  const { output, at } = one
  const by = groupColumns(one, row)
  return hasEquivalents(output) ? [`min(g${at} collate "C") as g${at}`, ...by] : by
}

function hasEquivalents(output: GroupOutput): boolean {
  return isOrdered(output) && output.column.kind === 'field' && output.column.type.hasEquivalents === true
}

function isOrdered(output: GroupOutput): output is ColumnOutput {
  return output.kind === 'column' && (output.column.kind !== 'field' || output.column.keyed)
}

function groupRecordSql({ entity, outputs }: GroupsPlan, row: Row): string {
  const members = outputs.flatMap((output, at): Piece[] => {
    const comma = at === 0 ? '' : ','
    if (output.kind === 'spread') return [{ known: comma }, { sql: `g${at}` }]
    const json =
      output.kind === 'aggregate'
        ? aggregateJsonSql(output, `v${firstLike(output, outputs)}`)
        : isByKey(output, row)
          ? valueOfKeySql({ entity, column: output.column, at }, row)
          : `g${at}`
    return [{ known: `${comma}${JSON.stringify(output.name)}:` }, { sql: guardedSql(json, row.guard) }]
  })
  return piecesSql([{ known: '{' }, ...members, { known: '}' }], row)
}

/** The order of the query; then by the texts of the outputs, so that the order of groups is deterministic. */
function orderSql({ outputs, order }: GroupsPlan, row: Row): string {
  const terms = order.map((key) => {
    const output = outputs[key.output] as GroupOutput
    if (output.kind === 'column') return sortedSql(() => `o${key.output}`, key, unsetOf(output.column))
    const at = output.kind === 'aggregate' ? firstLike(output, outputs) : key.output
    return `v${at} ${key.descending ? 'desc' : 'asc'} nulls ${key.nullsFirst ? 'first' : 'last'}`
  })
  const rest = outputs.flatMap((output, at) =>
    output.kind === 'aggregate' || isByKey(output, row) ? [] : [`g${at} collate "C"`],
  )
  const all = [...terms, ...rest].join(', ')
  return all === '' ? '' : ` order by ${all}`
}
