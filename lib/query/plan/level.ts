// Plan: one level of a query x its entity -> LevelPlan, with the levels below it. Refuses parameters of an entity that
// select does not embed, and the order or page of a single record.

import { errors } from '../../errors.ts'
import { type FilterNode, type Level, newLevel, type SelectEmbed, type SelectItem } from '../ast.ts'
import { MAX_EMBEDDED } from '../limits.ts'
import { planGroupOrder } from './aggregate.ts'
import type { Condition, Related } from './condition.ts'
import type { PlanContext } from './context.ts'
import { type FilterContext, planFilter } from './filter.ts'
import type { EmbedPlan, LevelPlan, Output, Selection } from './level-plan.ts'
import { planOrder } from './order.ts'
import { findRelation } from './relation.ts'
import { type Embeds, planSelect } from './select.ts'

/** Plans the root, or an embedded entity. */
export function planLevel(level: Level, select: readonly SelectItem[], context: PlanContext): LevelPlan {
  const embeds = planEmbeds(level, select, context)
  const inside: FilterContext = { ...context, embeds: relatedByName(embeds) }
  const scope = planWhere(level.where, inside, innerConditions(embeds))
  const outputs = planSelect(select, embeds, context)
  if (outputs.some(({ kind }) => kind === 'aggregate'))
    return { kind: 'groups', ...scope, outputs, order: planGroupOrder(level.order, outputs) }
  const relatedTo = (name: string) => relatedBy(name, context)
  const order = planOrder(level.order, { ...inside, relatedTo })
  return { kind: 'records', ...scope, outputs: outputs as Output[], order }
}

/** Plans a filter alone, the caller's row filter included. */
export function planSelection(nodes: readonly FilterNode[], context: PlanContext): Selection {
  return planWhere(nodes, { ...context, embeds: new Map() }, [])
}

function planWhere(nodes: readonly FilterNode[], context: FilterContext, more: Condition[]): Selection {
  const own = context.rowFilter?.(context.entity)
  const of = [...(own === undefined ? [] : [own]), planFilter(nodes, context), ...more]
  return { entity: context.entity, where: { kind: 'all', of } }
}

function planEmbeds(level: Level, select: readonly SelectItem[], context: PlanContext): Embeds {
  const embeds = new Map<SelectEmbed, EmbedPlan>()
  const used = new Set<Level>()
  for (const item of select) {
    if (item.kind !== 'embed') continue
    const below = level.embedded.get(item.alias ?? item.name) ?? level.embedded.get(item.name)
    if (below !== undefined) used.add(below)
    embeds.set(item, planEmbed(item, below ?? newLevel(), context))
  }
  for (const [name, below] of level.embedded)
    if (!used.has(below)) throw errors.notEmbedded(name, [...relatedByName(embeds).keys()])
  return embeds
}

function planEmbed(item: SelectEmbed, level: Level, context: PlanContext): EmbedPlan {
  const relation = findRelation(item, context)
  const below = `${context.level ?? ''}${item.alias ?? item.name}.`
  const { target: entity, single } = relation
  const rows = planLevel(level, item.select, { ...context, entity, level: below, single })
  if (item.spread && rows.kind === 'groups')
    throw errors.malformedQuery(`select: "...${item.name}" takes no aggregates.`)
  if (relation.single) refusePaging(item.alias ?? item.name, level, context)
  const through = relation.through && context.rowFilter?.(relation.through.entity)
  const most = context.maxLimit || MAX_EMBEDDED
  return {
    related: { relation, where: rows.where, ...(through === undefined ? {} : { throughWhere: through }) },
    rows,
    inListOrder: relation.kind === 'forward' && !relation.single && level.order.length === 0,
    limit: Math.min(level.limit ?? most, most),
    offset: level.offset ?? 0,
  }
}

function relatedBy(name: string, context: PlanContext): Related {
  const item: SelectEmbed = { kind: 'embed', name, inner: false, spread: false, select: [] }
  return planEmbed(item, newLevel(), context).related
}

/** errors.malformedQuery for the order or the page of one related record. */
function refusePaging(
  name: string,
  { order, limit, offset }: Level,
  { level = '', single }: PlanContext,
): void {
  const [first] = order
  if (first !== undefined) {
    const hint = single
      ? undefined
      : `Write ${level}order=${name}(${first.field.name}) to order the records by it.`
    throw errors.malformedQuery(`${level}${name}.order: "${name}" is one record and has no order.`, hint)
  }
  if (limit === 0 || (offset ?? 0) > 0)
    throw errors.malformedQuery(`${level}${name}: one record has no limit and no offset.`)
}

/** By alias, and by the entity's name unless it is an alias of another. */
function relatedByName(embeds: Embeds): Map<string, Related> {
  const names = new Map<string, Related>()
  for (const [{ name }, { related }] of embeds) names.set(name, related)
  for (const [{ name, alias }, { related }] of embeds) names.set(alias ?? name, related)
  return names
}

/** The conditions of `!inner`: that a related record exists. */
function innerConditions(embeds: Embeds): Condition[] {
  return [...embeds].flatMap(([{ inner }, { related }]) =>
    inner ? [{ kind: 'related', related, negated: false } as const] : [],
  )
}
