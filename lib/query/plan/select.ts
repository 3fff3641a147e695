// Plan: the outputs of a level in order, each under its output name. A named output takes precedence over those of `*`, so
// an embedded entity replaces the field that leads to it. Refuses two outputs of one name.

import { errors } from '../../errors.ts'
import type { SelectEmbed, SelectField, SelectItem } from '../ast.ts'
import { planAggregate } from './aggregate.ts'
import { asText, columnName, findOperand, readableColumns } from './column.ts'
import type { PlanContext } from './context.ts'
import { isFiles, SELECTED_NAMES } from './file-columns.ts'
import { planFile, planFileOutput } from './file-outputs.ts'
import type { ColumnOutput, EmbedPlan, FileOutput, GroupOutput } from './level-plan.ts'
import type { Operand } from './operand.ts'
import { orderName } from './order.ts'

/** The plan of each embedded entity of the level. */
export type Embeds = ReadonlyMap<SelectEmbed, EmbedPlan>

/** The outputs without `select`: every readable column under its own name. */
export function planRecord(context: PlanContext): (ColumnOutput | FileOutput)[] {
  if (isFiles(context.entity)) return planFile(context.fileUrls)
  return readableColumns(context).map((column) => ({ kind: 'column', name: columnName(column), column }))
}

/** The outputs of `select`; errors.unknownField, errors.malformedQuery. */
export function planSelect(
  items: readonly SelectItem[],
  embeds: Embeds,
  context: PlanContext,
): GroupOutput[] {
  const planned = items.map((item) => (item.kind === 'all' ? 'all' : planItem(item, embeds, context)))
  const named = withoutRepeats(planned.flatMap((output) => (output === 'all' ? [] : output)))
  const taken = new Set(named.flatMap(namesOf))
  const starred = planRecord(context).filter(({ name }) => !taken.has(name))
  const all = new Set(planned.flatMap((output) => (output === 'all' ? starred : output)))
  const kept: ReadonlySet<GroupOutput> = new Set([...named, ...starred])
  return [...all].filter((output) => kept.has(output))
}

function planItem(
  item: Exclude<SelectItem, { kind: 'all' }>,
  embeds: Embeds,
  context: PlanContext,
): GroupOutput[] {
  if (item.kind === 'embed') return planEmbedOutput(item, embeds.get(item) as EmbedPlan)
  if (item.kind === 'aggregate') return [planAggregate(item, context)]
  if (isBareCount(item, context))
    return [{ kind: 'aggregate', aggregate: 'count', name: item.alias ?? 'count' }]
  const made = isFiles(context.entity) ? planFileOutput(item, context.fileUrls) : undefined
  if (made !== undefined) return [made]
  const operand = findOperand(item.field, context, SELECTED_NAMES)
  const column = item.text ? asText(operand) : operand
  return [{ kind: 'column', name: item.alias ?? columnName(column), column }]
}

/** PostgREST's older spelling of `count()`, unless a field is called so. */
function isBareCount({ field }: SelectField, { entity, readable }: PlanContext): boolean {
  if (field.name !== 'count' || field.path.length > 0) return false
  return !entity.fields.some((other) => other.name === 'count' && readable(other, entity))
}

/** An embedded entity with an empty selection has no output; it is used by filters. */
function planEmbedOutput({ alias, name, spread }: SelectEmbed, embed: EmbedPlan): GroupOutput[] {
  const { outputs } = embed.rows
  if (outputs.length === 0) return []
  if (!spread) return [{ kind: 'embed', name: alias ?? name, embed }]
  return [{ kind: 'spread', names: outputs.flatMap(namesOf), embed }]
}

function namesOf(output: GroupOutput): string[] {
  return output.kind === 'spread' ? output.names : [output.name]
}

/** Drops a column that is named twice; refuses a name for two things. */
function withoutRepeats(outputs: readonly GroupOutput[]): GroupOutput[] {
  const byName = new Map<string, GroupOutput>()
  return outputs.filter((output) => {
    const other = namesOf(output).flatMap((name) => byName.get(name) ?? [])[0]
    if (other === undefined) {
      for (const name of namesOf(output)) byName.set(name, output)
      return true
    }
    if (isSameColumn(output, other)) return false
    throw nameTwice(output, other)
  })
}

/** An output can be called otherwise by an alias, and the fields of a spread entity inside its brackets. */
function nameTwice(output: GroupOutput, other: GroupOutput) {
  const name = namesOf(output).find((one) => namesOf(other).includes(one)) as string
  const hint = `An alias gives one of them another name: ${name}_2:${sourceOf(output) ?? sourceOf(other) ?? name}`
  return errors.malformedQuery(`select: two outputs are called "${name}".`, hint)
}

/** An output as select writes it without an alias. */
function sourceOf(output: GroupOutput): string | undefined {
  if (output.kind === 'column') return pathOf(output.column)
  if (output.kind === 'aggregate')
    return `${output.column === undefined ? '' : `${columnName(output.column)}.`}${output.aggregate}()`
  if (output.kind !== 'embed') return undefined
  const { kind, field, target } = output.embed.related.relation
  return `${kind === 'forward' ? field.name : target.name}(*)`
}

function pathOf(operand: Operand): string {
  if (operand.kind !== 'json') return columnName(operand)
  const { column, path, sqlType } = operand
  if (path.length === 0) return `${column.field.name}::text`
  const last = path.at(-1)
  return [column.field.name, ...path.slice(0, -1)].join('->') + (sqlType === 'text' ? '->>' : '->') + last
}

function isSameColumn(a: GroupOutput, b: GroupOutput): boolean {
  if (a.kind === 'file' && b.kind === 'file') return a.member === b.member
  return a.kind === 'column' && b.kind === 'column' && orderName(a.column) === orderName(b.column)
}
