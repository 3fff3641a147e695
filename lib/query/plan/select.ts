// Plan: the output columns of a record, in order, each under the name it leaves with.
import { errors } from '../../errors.ts'
import type { SelectItem } from '../ast.ts'
import { type Column, columnName, findColumn, readableColumns } from './column.ts'
import type { PlanContext } from './context.ts'

export interface Output {
  name: string
  column: Column
}

/** The outputs that `select` asks for; the same column twice under one name counts once. */
export function planSelect(items: readonly SelectItem[], context: PlanContext): Output[] {
  const outputs = new Map<string, Output>()
  for (const output of items.flatMap((item) => planItem(item, context))) {
    const other = outputs.get(output.name)
    if (other !== undefined && columnName(other.column) !== columnName(output.column))
      throw errors.malformedQuery(`select: two outputs are called "${output.name}".`)
    outputs.set(output.name, output)
  }
  return [...outputs.values()]
}

/** Every readable column under its own name: what a record is when nothing is selected. */
export function planRecord(context: PlanContext): Output[] {
  return readableColumns(context).map((column) => ({ name: columnName(column), column }))
}

function planItem(item: SelectItem, context: PlanContext): Output[] {
  if (item.kind === 'all') return planRecord(context)
  const column = findColumn(item.field, context)
  return [{ name: item.alias ?? columnName(column), column }]
}
