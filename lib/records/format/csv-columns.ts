// The columns of a CSV answer: from the outputs of a plan to a header, and from a record to its cells. Lists, objects and
// values of json fields are cells of JSON.

import { guardFormula } from '../../csv/formula-guard.ts'
import { isTextual } from '../../fields/index.ts'
import type { GroupOutput, SpreadOutput } from '../../query/plan/level-plan.ts'
import type { Operand } from '../../query/plan/operand.ts'

export interface CsvColumn {
  name: string
  /** Texts are guarded against spreadsheets; values of any JSON type stay JSON, which distinguishes them from text. */
  kind: 'text' | 'json' | 'plain'
}

/** One column for each output; a spread one gives all of its own. */
export function csvColumns(outputs: readonly GroupOutput[]): CsvColumn[] {
  return outputs.flatMap((output): CsvColumn[] => {
    if (output.kind === 'spread') return spreadColumns(output)
    return [{ name: output.name, kind: kindOfOutput(output) }]
  })
}

/** Of several related records each column is a list. */
function spreadColumns({ embed }: SpreadOutput): CsvColumn[] {
  const columns = csvColumns(embed.rows.outputs)
  return embed.related.relation.single ? columns : columns.map(({ name }) => ({ name, kind: 'json' }))
}

function kindOfOutput(output: Exclude<GroupOutput, { kind: 'spread' }>): CsvColumn['kind'] {
  if (output.kind === 'embed') return 'json'
  if (output.kind === 'file') return 'plain'
  if (output.kind === 'column') return kindOf(output.column)
  const picks = output.aggregate === 'min' || output.aggregate === 'max'
  return picks && output.column !== undefined ? kindOf(output.column) : 'plain'
}

function kindOf(column: Operand): CsvColumn['kind'] {
  if (column.kind === 'system') return 'plain'
  if (column.kind === 'json') return column.sqlType === 'text' ? 'text' : 'json'
  if (column.type.name === 'json') return 'json'
  return isTextual(column.field) ? 'text' : 'plain'
}

export function csvHeader(columns: readonly CsvColumn[]): string[] {
  return columns.map(({ name }) => guardFormula(name))
}

/** @param json the record as it leaves */
export function csvCells(columns: readonly CsvColumn[], json: string): (string | null)[] {
  const record = JSON.parse(json) as Record<string, unknown>
  return columns.map(({ name, kind }) => cellOf(kind, record[name]))
}

function cellOf(kind: CsvColumn['kind'], value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (kind === 'json' || typeof value === 'object') return JSON.stringify(value)
  return kind === 'text' && typeof value === 'string' ? guardFormula(value) : String(value)
}
