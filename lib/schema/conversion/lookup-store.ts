// The records that texts name, and the texts of records: what a conversion to or from a relation needs, for many values at once.
import { createHash } from 'node:crypto'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable } from '../../db/statement.ts'
import { uniqueSlots } from '../../entities/derived-columns.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { listed } from '../../fields/expectation.ts'
import { typeOf } from '../../fields/index.ts'
import { isUuid } from '../../fields/uuid.ts'
import { violation } from '../../fields/violation.ts'
import type { Lookups } from './convert-value.ts'
import type { FieldConversion } from './field-conversion.ts'
import { createMissing, fits, lackingFields } from './missing-records-store.ts'

/** Where the values of one conversion are looked up. */
export interface LookupSource {
  conversion: FieldConversion
  /** The entity that the relation leads to. */
  target: Entity
  /** Whether texts become ids; else ids become texts. */
  finds: boolean
}

/** The relation of a conversion between a relation and a text, one or many; undefined: nothing is looked up. */
function relationOf({ from, to }: FieldConversion) {
  const [source, target] = [from, to].map((field) => typeOf(field.type).element?.(field) ?? field)
  if (source?.type === target?.type) return undefined
  if (target?.type === 'relation') return { entity: String(target.entity), finds: true }
  return source?.type === 'relation' ? { entity: String(source.entity), finds: false } : undefined
}

/**
 * The sources of a change by the new keys of their fields; errors.invalidDefinition for a `lookup` that is no unique field.
 *
 * @param targets the tenant's entities by name, at least those that relations lead to
 */
export function lookupSources(
  conversions: Iterable<readonly [string, FieldConversion]>,
  targets: ReadonlyMap<string, Entity>,
): Map<string, LookupSource> {
  const sources = new Map<string, LookupSource>()
  for (const [key, conversion] of conversions) {
    const relation = relationOf(conversion)
    const target = targets.get(relation?.entity ?? '')
    if (relation === undefined || target === undefined) continue
    checkLookup(conversion, target, relation.finds)
    sources.set(key, { conversion, target, finds: relation.finds })
  }
  return sources
}

function checkLookup(conversion: FieldConversion, target: Entity, finds: boolean): void {
  const { to, options } = conversion
  const { lookup = 'id', missing } = options
  if (missing === 'create') checkMissing(conversion, target, finds)
  if (lookup === 'id') return
  const field = target.fields.find(({ name }) => name === lookup)
  const isUnique = target.constraints.some(({ keys }) => keys.length === 1 && keys[0] === field?.key)
  if (field !== undefined && (isUnique || !finds)) return
  const message = `must be ${finds ? 'a unique field' : 'a field'} of ${target.name}, or id`
  throw errors.invalidDefinition([violation('lookup', message, `/convert/${to.name}/lookup`)])
}

function checkMissing({ to, options }: FieldConversion, target: Entity, finds: boolean): void {
  const { lookup = 'id' } = options
  const lacking = lackingFields(target, lookup)
  const refuse = (message: string) =>
    errors.invalidDefinition([violation('missing', message, `/convert/${to.name}/missing`)])
  if (!finds || lookup === 'id')
    throw refuse('needs a lookup by a field of the related entity, other than id')
  if (lacking.length > 0) throw refuse(`cannot be create: ${target.name} requires ${listed(lacking)}`)
}

/** Entity names that the conversions look up. */
export function lookupTargets(conversions: Iterable<readonly [string, FieldConversion]>): string[] {
  return [...conversions].flatMap(([, conversion]) => relationOf(conversion)?.entity ?? [])
}

/** The single values among those of one field. */
function textsOf(values: readonly unknown[], { options: { separator } }: FieldConversion): string[] {
  const single = values.flat().flatMap((value) => (typeof value === 'string' ? value : []))
  const parts = separator === undefined ? single : single.flatMap((text) => text.split(separator))
  return [...new Set(parts.map((text) => text.trim()))].filter((text) => text !== '')
}

/**
 * What of the values is found.
 *
 * @param scope where missing records are made, if the conversion says so; absent: they are taken for found
 */
export async function lookUp(
  tx: Queryable,
  source: LookupSource,
  values: readonly unknown[],
  scope?: TenantScope,
): Promise<Lookups> {
  const texts = textsOf(values, source.conversion)
  if (texts.length === 0) return new Map()
  const { lookup = 'id' } = source.conversion.options
  if (lookup === 'id') return byId(tx, source, texts)
  if (!source.finds) return fieldOf(tx, source, lookup, texts)
  const found = await bySlot(tx, source, lookup, texts)
  if (source.conversion.options.missing !== 'create') return found
  const { target } = source
  const field = target.fields.find(({ name }) => name === lookup)
  if (field === undefined) return found
  const missing = texts.filter((text) => !found.has(text) && fits(text, field))
  if (scope === undefined)
    return new Map([...found, ...missing.map((text) => [text, futureId(text)] as const)])
  await createMissing(tx, scope, { target, field, texts: missing })
  return bySlot(tx, source, lookup, texts)
}

/** Stands for the id of a record that is not made yet: the same for the same text. */
function futureId(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex')
  const cuts = [0, 8, 12, 16, 20, 32]
  return cuts
    .slice(1)
    .map((end, at) => digits.slice(cuts[at], end))
    .join('-')
}

async function byId(tx: Queryable, { target }: LookupSource, texts: readonly string[]): Promise<Lookups> {
  const ids = texts.filter(isUuid).map((text) => text.toLowerCase())
  const { rows } = await tx.query<{ id: string }>(
    'select id from record where tenant_id = $1 and entity_id = $2 and id = any($3::uuid[])',
    [target.tenantId, target.id, ids],
  )
  const found = new Set(rows.map(({ id }) => id))
  return new Map(texts.flatMap((text) => (found.has(text.toLowerCase()) ? [[text, text.toLowerCase()]] : [])))
}

/** By the column of the field's unique constraint. */
async function bySlot(
  tx: Queryable,
  { target }: LookupSource,
  lookup: string,
  texts: readonly string[],
): Promise<Lookups> {
  const field = target.fields.find(({ name }) => name === lookup)
  const constraint = target.constraints.find(({ keys }) => keys.length === 1 && keys[0] === field?.key)
  if (field === undefined || constraint === undefined) return new Map()
  const column = `u${constraint.slot}`
  const { parse, normalize } = typeOf(field.type)
  const slots = new Map<string, string[]>()
  for (const text of texts) {
    const parsed = parse?.(text, field) ?? undefined
    if (parsed === undefined) continue
    const value = normalize?.(parsed, field) ?? parsed
    const slot = uniqueSlots({ ...target, constraints: [constraint] }, { [field.key]: value })[column]
    if (slot != null) slots.set(slot, [...(slots.get(slot) ?? []), text])
  }
  const { rows } = await tx.query<{ id: string; slot: string }>(
    `select id, ${column} as slot from record where tenant_id = $1 and entity_id = $2 and ${column} = any($3::text[])`,
    [target.tenantId, target.id, [...slots.keys()]],
  )
  return new Map(rows.flatMap(({ id, slot }) => (slots.get(slot) ?? []).map((text) => [text, id] as const)))
}

async function fieldOf(
  tx: Queryable,
  { target }: LookupSource,
  lookup: string,
  ids: readonly string[],
): Promise<Lookups> {
  const field = target.fields.find(({ name }) => name === lookup)
  const { rows } = await tx.query<{ id: string; value: unknown }>(
    'select id, data->$4::text as value from record where tenant_id = $1 and entity_id = $2 and id = any($3::uuid[])',
    [target.tenantId, target.id, ids.filter(isUuid), field?.key],
  )
  return new Map(
    rows.flatMap(({ id, value }) =>
      value == null ? [] : [[id, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  )
}
