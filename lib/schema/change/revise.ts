// From a parsed definition to the one that is stored: keys, unique slots and index slots; and for a change of an entity,
// what has to be done with the records that exist. Pure: the store does the work, converter.ts says how.

import type { EntityDefinition, UniqueConstraint } from '../../entities/entity.ts'
import { assignIndexSlots, assignUniqueSlots, constraintsOf } from '../../entities/slots.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import type { Conversions } from '../conversion/field-conversion.ts'
import { rekey } from '../conversion/rekey.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import { aliasesAfter, type Grace } from './aliases.ts'
import { assignKeys } from './field-keys.ts'
import { isWider } from './widening.ts'

/** What a change asks of the records; where all lists are empty none has to be looked at. */
export interface RecordRewrite {
  /** Fields, as they are now, whose stored values may not fit any more or have another stored form or key. */
  fields: Field[]
  /** What goes from old keys to new ones, by the new keys. */
  conversions: Conversions
  /** Keys of those whose default existing records without a value get. */
  backfill: ReadonlySet<string>
  /** Keys of dropped fields that come back, with the values that they had. */
  revived: ReadonlySet<string>
  /** Constraints whose slot has to be filled again; until then the column may hold another constraint's values. */
  constraints: UniqueConstraint[]
}

export interface Revision {
  definition: EntityDefinition
  work: RecordRewrite
}

const nothing: EntityDefinition = {
  label: null,
  description: null,
  fields: [],
  constraints: [],
  slots: {},
  retiredKeys: [],
}

/** The stored definition of a new entity. */
export function createEntityDefinition(parsed: ParsedDefinition): EntityDefinition {
  return define(nothing, parsed, true).definition
}

/**
 * The next version of a definition. Throws errors.cannotConvert for a change that no value could follow.
 *
 * @param current the version that is replaced
 * @param grace for how long the names of renamed fields go on working
 */
export function reviseDefinition(
  current: EntityDefinition,
  parsed: ParsedDefinition,
  grace: Grace = undefined,
): Revision {
  const { definition: defined, conversions } = define(current, parsed, false)
  const aliases = aliasesAfter(withNewKeys(current, conversions), defined.fields, grace)
  const definition = { ...defined, aliases }
  const backfill = new Set(
    definition.fields.filter(({ name }) => parsed.backfill.has(name)).map(({ key }) => key),
  )
  const revived = revivedKeys(current, parsed, conversions)
  return { definition, work: rewriteOf(current, definition, { backfill, revived, conversions }) }
}

/** The definition as if converted fields had always had their new keys: they are the same fields still. */
function withNewKeys({ fields, aliases }: EntityDefinition, conversions: Conversions) {
  const keys = newKeys(conversions)
  const follow = <T extends { key: string }>(one: T): T => ({ ...one, key: keys.get(one.key) ?? one.key })
  return { fields: fields.map(follow), aliases: aliases?.map(follow) }
}

/** The new keys of converted fields, by the old ones. */
export function newKeys(conversions: Conversions): Map<string, string> {
  return new Map([...conversions].map(([key, { from }]) => [from.key, key]))
}

/** Whether the records can stay as they are, unseen. */
export function needsNoRewrite({ fields, constraints, conversions }: RecordRewrite): boolean {
  return fields.length + constraints.length + conversions.size === 0
}

function define(current: EntityDefinition, parsed: ParsedDefinition, empty: boolean) {
  const { convert = new Map(), backfill } = parsed
  const {
    fields: keyed,
    retiredKeys,
    conversions,
  } = rekey(current, assignKeys(current, parsed), { convert, backfill })
  const before = new Map(current.fields.map((field) => [field.key, field]))
  const fields = keyed.map((field) =>
    withComparison(field, conversions.get(field.key)?.from ?? before.get(field.key)),
  )
  const definition: EntityDefinition = {
    label: parsed.label,
    description: parsed.description,
    fields,
    constraints: assignUniqueSlots(current.constraints, constraintsOf(fields, parsed.unique)),
    slots: assignIndexSlots(current, fields, empty),
    retiredKeys,
    ...(current.purgedKeys === undefined ? {} : { purgedKeys: current.purgedKeys }),
    ...(current.orderedByTime === true ? { orderedByTime: true } : {}),
    ...(current.formerKeys ? { formerKeys: true } : {}),
  }
  return { definition, conversions }
}

/** The field with its comparison of unique values: a field that is unique already keeps it unless the definition names another. */
function withComparison(field: Field, before: Field | undefined): Field {
  if (field.unique === 'exact') return { ...field, unique: true }
  const byDefault = typeOf(field.type).uniqueByDefault
  if (field.unique !== true || byDefault === undefined) return field
  return { ...field, unique: before?.unique ? before.unique : byDefault }
}

function rewriteOf(
  current: EntityDefinition,
  next: EntityDefinition,
  { backfill, revived, conversions }: Pick<RecordRewrite, 'backfill' | 'revived' | 'conversions'>,
): RecordRewrite {
  const before = new Map(current.fields.map((field) => [field.key, field]))
  const rekeyed = new Set(
    next.fields.filter((field) => before.get(field.key)?.type !== field.type).map(({ key }) => key),
  )
  const known = new Map(current.constraints.map((constraint) => [constraint.slot, formOf(constraint)]))
  const isFilled = (constraint: UniqueConstraint) =>
    known.get(constraint.slot) === formOf(constraint) && !constraint.keys.some((key) => rekeyed.has(key))
  return {
    backfill,
    revived,
    conversions,
    fields: next.fields.filter((field) => {
      if (conversions.has(field.key)) return false
      const asked = backfill.has(field.key) || revived.has(field.key)
      return asked || mustLook(before.get(field.key), field)
    }),
    constraints: next.constraints.filter((constraint) => !isFilled(constraint)),
  }
}

/** The keys that the change names and no field has now, nor has left for another one. */
function revivedKeys(
  { fields }: EntityDefinition,
  { keys = new Map() }: ParsedDefinition,
  conversions: Conversions,
): Set<string> {
  const present = new Set(fields.map(({ key }) => key))
  return new Set([...keys.values()].filter((key) => !present.has(key) && !conversions.has(key)))
}

/** Equal for constraints that give a record the same text. */
const formOf = ({ keys, ci, nulls }: UniqueConstraint) => JSON.stringify([keys, ci, nulls])

/** A new field has no values to look at, but records lack one that is required. */
function mustLook(before: Field | undefined, after: Field): boolean {
  return before === undefined ? after.required === true : !isWider(before, after)
}
