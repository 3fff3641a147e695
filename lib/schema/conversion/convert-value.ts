// One stored value of a field in the stored form of the changed field, or why it has none. Pure. The rule is one for all types:
// `map` first; a value that is valid in the new field stays; else what the new type says of the old one (fromOther), and last
// its text, read by the parser that filters have. Lists go element by element, objects member by member.
import type { Field } from '../../fields/field.ts'
import type { TakenOver } from '../../fields/field-type.ts'
import { typeOf } from '../../fields/index.ts'
import type { ConvertOptions } from './convert-options.ts'
import { accepted, type Verdict } from './field-fit.ts'

/** Records found for values of a relation: the text -> the id; or on the way back, the id -> the text. */
export type Lookups = ReadonlyMap<string, string>

export interface ValueConversion {
  from: Field
  to: Field
  options: ConvertOptions
  /** Of every value that is converted; absent: none is looked up. */
  lookups?: Lookups | undefined
}

const EMPTY: Verdict = { value: null }

const misfit = (keyword: string, message: string): Verdict => ({ misfit: { keyword, message } })

/** @param value as stored; neither null nor undefined */
export function convertValue(value: unknown, conversion: ValueConversion): Verdict {
  const { from, to } = conversion
  if (to.type === 'json') return accepted(value, to)
  const [source, target] = [elementOf(from), elementOf(to)]
  if (from.type === 'json') return ofJson(value, conversion)
  if (source !== undefined && target !== undefined)
    return toList(value as unknown[], { ...conversion, from: source, to: target }, to)
  if (source !== undefined) return toSingle(value as unknown[], { ...conversion, from: source })
  if (target !== undefined) return toList(partsOf(value, conversion), { ...conversion, to: target }, to)
  if (from.type === 'object' && to.type === 'object') return toObject(value, conversion)
  return convertScalar(value, conversion)
}

const elementOf = (field: Field): Field | undefined => typeOf(field.type).element?.(field)

function ofJson(value: unknown, conversion: ValueConversion): Verdict {
  const { to } = conversion
  const whole = accepted(value, to)
  if (!('misfit' in whole) || typeof value === 'object') return whole
  const from: Field = { ...conversion.from, type: 'string' }
  return convertValue(typeof value === 'string' ? value : String(value), { ...conversion, from })
}

/** The parts of a single value that becomes a list. */
function partsOf(value: unknown, { options: { separator } }: ValueConversion): unknown[] {
  if (separator === undefined || typeof value !== 'string') return [value]
  return value.split(separator).flatMap((part) => part.trim() || [])
}

function toList(values: readonly unknown[], conversion: ValueConversion, list: Field): Verdict {
  const verdicts = values.map((value) => convertValue(value, conversion))
  const refused = verdicts.find((verdict) => 'misfit' in verdict)
  if (refused !== undefined) return refused
  const found = verdicts.flatMap((verdict) =>
    'value' in verdict && verdict.value !== null ? [verdict.value] : [],
  )
  // Lists of this kind hold each value once.
  const kept = list.many === true ? [...new Set(found)] : found
  const lossy = verdicts.some((verdict) => 'lossy' in verdict) || kept.length < found.length
  return accepted(kept, list, lossy)
}

function toSingle(values: readonly unknown[], conversion: ValueConversion): Verdict {
  const { options, to } = conversion
  const { separator } = options
  if (separator !== undefined && isText(to) && values.length > 1) return joined(values, conversion)
  if (values.length > 1) return misfit('many', `must be one value, and there are ${values.length}`)
  return values.length === 0 ? EMPTY : convertValue(values[0], conversion)
}

function joined(values: readonly unknown[], conversion: ValueConversion): Verdict {
  const {
    options: { separator = '' },
    to,
  } = conversion
  const plain: Field = { name: to.name, key: to.key, type: 'text' }
  const texts = values.map((value) => convertValue(value, { ...conversion, to: plain }))
  const refused = texts.find((verdict) => 'misfit' in verdict)
  if (refused !== undefined) return refused
  const parts = texts.map((verdict) => ('value' in verdict ? String(verdict.value ?? '') : ''))
  if (parts.some((part) => part.includes(separator)))
    return misfit('separator', `must not hold the separator ${JSON.stringify(separator)} inside a value`)
  return accepted(parts.join(separator), to)
}

const NUMERIC = ['integer', 'float', 'decimal']

const isText = ({ type }: Field) => type === 'string' || type === 'text'

type Members = Record<string, unknown>

/** A member that has another name says so by `was`, in the definition that is sent. */
function toObject(value: unknown, conversion: ValueConversion): Verdict {
  const [before, after] = [conversion.from.fields as Field[], conversion.to.fields as Field[]]
  const members = value as Members
  const done: [string, unknown][] = []
  let lossy = false
  const taken = new Set<string>()
  for (const to of after) {
    const from = formerMember(to, before, after)
    if (from === undefined || !Object.hasOwn(members, from.name)) continue
    taken.add(from.name)
    const verdict = memberOf(members[from.name], { ...conversion, from, to })
    if ('misfit' in verdict) return misfit(verdict.misfit.keyword, `/${to.name} ${verdict.misfit.message}`)
    lossy ||= verdict.lossy === true
    done.push([to.name, verdict.value])
  }
  // What the new object has no place for would be lost.
  const [left] = Object.keys(members).filter((name) => !taken.has(name) && members[name] !== null)
  if (left !== undefined)
    return misfit('additionalProperties', `/${left} is not a field of ${conversion.to.name}`)
  return accepted(Object.fromEntries(done), conversion.to, lossy)
}

function memberOf(value: unknown, conversion: ValueConversion): Verdict {
  if (value === null) return EMPTY
  const { to, options } = conversion
  const own = options.fields ?? {}
  return convertValue(value, {
    ...conversion,
    options: Object.hasOwn(own, to.name) ? (own[to.name] ?? {}) : {},
  })
}

/** The member of the former object that one of the new object continues. */
export function formerMember(
  to: Field,
  before: readonly Field[],
  after: readonly Field[],
): Field | undefined {
  const same = before.find(({ name }) => name === to.name)
  if (same !== undefined) return same
  const names = new Set(after.map(({ name }) => name))
  const left = before.filter(({ name }) => !names.has(name))
  // On the way back it is the former one that says so.
  return left.find(({ name }) => to.was === name) ?? left.find(({ was }) => was === to.name)
}

function convertScalar(value: unknown, conversion: ValueConversion): Verdict {
  const { from, to, options } = conversion
  const mapped = mappedValue(value, options)
  if (mapped === null) return { value: null, lossy: true }
  if (mapped !== undefined) return converted(mapped, { ...conversion, from: { ...from, type: 'json' } })
  if (from.type === 'relation' || to.type === 'relation') return related(value, conversion)
  return converted(value, conversion)
}

/** The value that `map` puts in the place of one; undefined: it says nothing. */
function mappedValue(value: unknown, { map }: ConvertOptions): unknown {
  if (map === undefined) return undefined
  const text = textOf(value)
  const key = [text, text.trim()].find((one) => Object.hasOwn(map, one))
  return key === undefined ? undefined : map[key]
}

/** The JSON text of a single value, without the quotes of a string. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function converted(value: unknown, conversion: ValueConversion): Verdict {
  const { to, options } = conversion
  const text = textOf(value)
  if (isText(to)) return accepted(options.trim ? text.trim() : text, to)
  if (typeof value === 'string' && text.trim() === '') return EMPTY
  const own = takenOver(value, conversion)
  if (own != null) return accepted(own.value, to, own.lossy)
  const asIs = accepted(typeof value === 'string' ? text.trim() : value, to)
  if (own === null || !('misfit' in asIs)) return asIs
  const parsed = typeOf(to.type).parse?.(text.trim(), to)
  return parsed === undefined ? asIs : accepted(parsed, to)
}

/** What the new type makes of the value; with `round`, of the number that a text holds. */
function takenOver(value: unknown, { from, to, options }: ValueConversion): TakenOver | null | undefined {
  const { fromOther } = typeOf(to.type)
  const how = { ...options, field: to }
  const isNumber = options.round !== undefined && isText(from) && NUMERIC.includes(to.type)
  const decimal = isNumber ? typeOf('decimal').parse?.(String(value).trim(), from) : undefined
  if (decimal !== undefined) return fromOther?.(decimal, { ...from, type: 'decimal' }, how)
  return fromOther?.(value, from, how)
}

function related(value: unknown, conversion: ValueConversion): Verdict {
  const { from, to, options, lookups } = conversion
  if (from.type === to.type) return accepted(value, to)
  if (lookups === undefined) return converted(value, conversion)
  const text = String(value).trim()
  if (text === '') return EMPTY
  const found = lookups.get(text)
  if (found !== undefined) return accepted(found, to)
  const by = options.lookup ?? 'id'
  if (to.type !== 'relation') return misfit('lookup', `must lead to a record with a value of ${by}`)
  return misfit('lookup', `must be the ${by} of a record of ${String(to.entity)}`)
}
