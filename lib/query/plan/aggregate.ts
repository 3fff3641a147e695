// Plan: aggregates, `count()`, `amount.sum()`, and the order of their groups. Refuses sums of fields that are not numbers,
// and an order by anything that the groups do not show.

import { errors } from '../../errors.ts'
import { listed } from '../../fields/expectation.ts'
import type { AggregateName, OrderTerm, SelectAggregate } from '../ast.ts'
import { columnName, findOperand, readableColumns } from './column.ts'
import type { PlanContext } from './context.ts'
import type { AggregateOutput, GroupOrderKey, GroupOutput } from './level-plan.ts'
import type { Operand } from './operand.ts'

const numbers: ReadonlySet<string> = new Set(['integer', 'float', 'decimal'])

export function planAggregate(item: SelectAggregate, context: PlanContext): AggregateOutput {
  const { aggregate, field, alias } = item
  const output = { kind: 'aggregate', name: alias ?? aggregate, aggregate } as const
  if (field === undefined && aggregate !== 'count') throw noFieldFor(aggregate, context)
  if (field === undefined) return output
  const column = findOperand(field, context)
  if (!isPossible(aggregate, column)) {
    const detail = `select: ${aggregate}() does not work on "${columnName(column)}".`
    throw errors.malformedQuery(detail, possibleHint(aggregate, context))
  }
  return { ...output, column }
}

function noFieldFor(aggregate: AggregateName, context: PlanContext) {
  return errors.malformedQuery(`select: ${aggregate}() needs a field.`, possibleHint(aggregate, context))
}

/** The aggregate of each field that it works on. */
function possibleHint(aggregate: AggregateName, context: PlanContext): string {
  const columns = readableColumns(context).filter((column) => isPossible(aggregate, column))
  if (columns.length === 0) return `No field has a ${aggregate}.`
  return `Write select=${columnName(columns[0] as Operand)}.${aggregate}() or that of ${listed(columns.map(columnName))}.`
}

function isPossible(aggregate: SelectAggregate['aggregate'], column: Operand): boolean {
  if (aggregate === 'count') return true
  if (aggregate === 'sum' || aggregate === 'avg')
    return column.kind === 'field' && numbers.has(column.type.name)
  return column.kind === 'system' || (column.kind === 'field' && column.keyed)
}

/** The order of the query, by names of outputs; then by every group column, so that it is deterministic. */
export function planGroupOrder(
  terms: readonly OrderTerm[],
  outputs: readonly GroupOutput[],
): GroupOrderKey[] {
  const asked = terms.map(({ field, descending, nulls }) => {
    const output = outputs.findIndex((one) => isOrdered(one) && one.name === field.name)
    if (output === -1 || field.path.length > 0) throw notShown(field.name, outputs)
    return { output, descending, nullsFirst: nulls === undefined ? descending : nulls === 'first' }
  })
  const rest = outputs.flatMap((one, output) =>
    one.kind === 'column' && isOrdered(one) && !asked.some((key) => key.output === output)
      ? [{ output, descending: false, nullsFirst: false }]
      : [],
  )
  return [...asked, ...rest]
}

type Ordered = Extract<GroupOutput, { kind: 'column' | 'aggregate' }>

function isOrdered(output: GroupOutput): output is Ordered {
  if (output.kind === 'aggregate') return true
  return output.kind === 'column' && (output.column.kind !== 'field' || output.column.keyed)
}

function notShown(name: string, outputs: readonly GroupOutput[]) {
  return errors.malformedQuery(
    `order: groups can only be ordered by what select shows of them, not by "${name.slice(0, 80)}".`,
    `Possible: ${outputs.flatMap((one) => (isOrdered(one) ? one.name : [])).join(', ')}`,
  )
}
