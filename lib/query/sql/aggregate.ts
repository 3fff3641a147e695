// SQL: one aggregate, in three steps: its input from each record, the aggregate function, its JSON text. Sums and averages
// are exact, computed as numeric; a decimal is a string, as in a record.

import type { AggregateName } from '../ast.ts'
import type { AggregateOutput } from '../plan/level-plan.ts'
import type { Operand } from '../plan/operand.ts'
import { jsonSql, setKeySql, systemSql, textSql } from './operand.ts'
import type { Row } from './row.ts'
import { timestampSql } from './timestamp.ts'

/** The input of the aggregate from each record; undefined for `count()`. */
export function inputSql({ aggregate, column }: AggregateOutput, row: Row): string | undefined {
  if (column === undefined) return undefined
  if (column.kind === 'system') {
    const name = systemSql(column, row)
    return column.sqlType === 'uuid' ? `(${name}::text collate "C")` : name
  }
  if (aggregate === 'count') return jsonSql(column, row)
  if (aggregate === 'sum' || aggregate === 'avg') return `${textSql(column, row)}::numeric`
  return leastOrGreatest(column, row)
}

/** The value travels behind its sort key, so that the least key brings its value along. */
function leastOrGreatest(column: Operand, row: Row): string | undefined {
  if (column.kind !== 'field') return undefined
  const key = () => setKeySql(column, row)
  return `case when ${key()} is not null then array[${key()}, ${jsonSql(column, row)}::text] end`
}

/** @param input the column with the result of `inputSql` */
export function aggregateSql({ aggregate, column }: AggregateOutput, input: string): string {
  return column === undefined ? 'count(*)' : `${aggregate}(${input})`
}

/** @param value the column with the result of `aggregateSql` */
export function aggregateJsonSql({ aggregate, column }: AggregateOutput, value: string): string {
  return `coalesce(${textOf(aggregate, column, value)}, 'null')`
}

function textOf(aggregate: AggregateName, column: Operand | undefined, value: string): string {
  if (aggregate === 'count' || column === undefined) return `${value}::text`
  if (column.kind === 'system') {
    return `'"' || ${column.sqlType === 'timestamptz' ? timestampSql(value) : value} || '"'`
  }
  if (aggregate === 'min' || aggregate === 'max') return `${value}[2]`
  const number = aggregate === 'avg' ? `trim_scale(${value})::text` : `${value}::text`
  return column.kind === 'field' && column.type.name === 'decimal' ? `'"' || ${number} || '"'` : number
}
