// Queries in former names: each is replaced by the present one, under its old name in the answer, before the query is
// planned. Comes in and goes out: a parsed query. What the caller may not read has no former name either.
import type { FilterNode, Level, OrderTerm, Query, SelectEmbed, SelectField, SelectItem } from './ast.ts'

/** Former name -> present name, of the fields of one entity that the caller may read. */
export type FormerNames = ReadonlyMap<string, string>

/** An entity as far as names go. */
export interface NamedEntity {
  formerNames: FormerNames
  /** The entity that an embed of this name leads to, and the entity's present name if it is named by a former one. */
  embedded(name: string): { entity: NamedEntity; presentName?: string } | undefined
}

export interface Translation {
  query: Query
  /** The former names that the query mentions, of fields and of entities. */
  used: ReadonlySet<string>
}

interface Context {
  used: Set<string>
  /** Whether `*` stands for the former names, too. */
  expand: boolean
}

/** The query in present names. @param expand whether whole records have their former names, too */
export function inPresentNames(query: Query, entity: NamedEntity, expand: boolean): Translation {
  const context: Context = { used: new Set(), expand }
  const rename = renamer(entity, context)
  const { columns, onConflict } = query
  const translated: Query = {
    ...query,
    ...translateLevel(query, query.select, entity, context),
    select: query.select.flatMap((item) => translateItem(item, entity, context)),
    ...(columns === undefined ? {} : { columns: columns.map(rename) }),
    ...(onConflict === undefined ? {} : { onConflict: onConflict.map(rename) }),
  }
  return { query: translated, used: context.used }
}

function renamer({ formerNames }: NamedEntity, { used }: Context) {
  return (name: string): string => {
    const present = formerNames.get(name)
    if (present === undefined) return name
    used.add(name)
    return present
  }
}

function translateLevel(
  level: Level,
  select: readonly SelectItem[],
  entity: NamedEntity,
  context: Context,
): Level {
  const embeds = select.filter((item): item is SelectEmbed => item.kind === 'embed')
  const embedded = [...level.embedded].map(([name, below]) => {
    const embed = embeds.find((one) => (one.alias ?? one.name) === name)
    const target = embed && entity.embedded(embed.name)
    return [
      name,
      embed && target ? translateLevel(below, embed.select, target.entity, context) : below,
    ] as const
  })
  return {
    ...level,
    where: level.where.map((node) => translateFilter(node, entity, context)),
    order: level.order.map((term) => translateOrder(term, embeds, entity, context)),
    embedded: new Map(embedded),
  }
}

function translateFilter(node: FilterNode, entity: NamedEntity, context: Context): FilterNode {
  if (node.kind === 'unknown') return node
  if (node.kind !== 'condition')
    return { ...node, nodes: node.nodes.map((one) => translateFilter(one, entity, context)) }
  return { ...node, field: { ...node.field, name: renamer(entity, context)(node.field.name) } }
}

function translateOrder(
  term: OrderTerm,
  embeds: readonly SelectEmbed[],
  entity: NamedEntity,
  context: Context,
): OrderTerm {
  const { relation, field } = term
  const embed = embeds.find((one) => (one.alias ?? one.name) === relation)
  const of = relation === undefined ? entity : embed && entity.embedded(embed.name)?.entity
  return of === undefined ? term : { ...term, field: { ...field, name: renamer(of, context)(field.name) } }
}

function translateItem(item: SelectItem, entity: NamedEntity, context: Context): SelectItem[] {
  const rename = renamer(entity, context)
  if (item.kind === 'all') return context.expand ? [item, ...formerFields(entity)] : [item]
  if (item.kind === 'embed') return [translateEmbed(item, entity, context)]
  if (item.field === undefined) return [item]
  const { name, path } = item.field
  const renamed = { ...item, field: { ...item.field, name: rename(name) } } as SelectField
  const keepsName = item.kind === 'field' && renamed.field.name !== name && path.length === 0
  return [keepsName ? { ...renamed, alias: item.alias ?? name } : renamed]
}

const formerFields = ({ formerNames }: NamedEntity): SelectField[] =>
  [...formerNames].map(([alias, name]) => ({ kind: 'field', field: { name, path: [], text: false }, alias }))

function translateEmbed(item: SelectEmbed, entity: NamedEntity, context: Context): SelectEmbed {
  const field = renamer(entity, context)(item.name)
  const target = entity.embedded(item.name)
  if (target?.presentName !== undefined) context.used.add(item.name)
  const name = field === item.name ? (target?.presentName ?? item.name) : field
  const below = target?.entity
  const select =
    below === undefined ? item.select : item.select.flatMap((one) => translateItem(one, below, context))
  const hint = item.hint === undefined ? {} : { hint: hintOf(item.hint, [entity, below], context) }
  return { ...item, ...hint, select, ...(name === item.name ? {} : { name, alias: item.alias ?? item.name }) }
}

/** A hint names a field of either side, or the entity between them. */
function hintOf(hint: string, sides: readonly (NamedEntity | undefined)[], context: Context): string {
  const side = sides.find((one) => one?.formerNames.has(hint))
  if (side !== undefined) return renamer(side, context)(hint)
  return sides[0]?.embedded(hint)?.presentName ?? hint
}
