// What differs between two versions of a definition: fields are the same when their keys are, whatever they are called.
// Pure; for people and for programs that decide whether they still fit.
import { isDeepStrictEqual } from 'node:util'
import type { Entity } from '../../entities/entity.ts'
import { canonical } from '../../entities/slots.ts'
import type { Field } from '../../fields/field.ts'
import { keepsForm } from '../conversion/stored-form.ts'
import { presentField } from '../definition/present-definition.ts'
import { isWider } from './widening.ts'

export type ChangeKind =
  | 'added'
  | 'dropped'
  | 'renamed'
  | 'type'
  | 'tightened'
  | 'loosened'
  | 'reformatted'
  | 'described'

export interface DefinitionChange {
  /** The name of the field in the version that has it, the newer one first; absent: the entity itself. */
  field?: string
  change: ChangeKind | 'label' | 'description' | 'unique'
  /** Absent on the side that has nothing. */
  from?: unknown
  to?: unknown
  /** Whether a client that fitted the older version may not fit the newer one. */
  breaking: boolean
}

type Definition = Pick<Entity, 'name' | 'label' | 'description' | 'fields' | 'constraints'>

/** Options that say nothing about values. */
const WORDS = ['label', 'description', 'group', 'ui', 'indexed', 'default']

/** The changes from one definition to another, in the order of the newer one's fields; dropped ones last. */
export function diffDefinitions(from: Definition, to: Definition): DefinitionChange[] {
  const before = new Map(to.fields.map((field) => [field, from.fields.find((one) => isSame(one, field))]))
  const kept = new Set(before.values())
  return [
    ...entityChanges(from, to),
    ...to.fields.flatMap((field) => fieldChanges(before.get(field), field)),
    ...from.fields.filter((field) => !kept.has(field)).map(dropped),
    ...uniqueChanges(from, to),
  ]
}

function entityChanges(from: Definition, to: Definition): DefinitionChange[] {
  const named =
    from.name === to.name
      ? []
      : [{ change: 'renamed' as const, from: from.name, to: to.name, breaking: true }]
  const texts = (['label', 'description'] as const).filter((member) => from[member] !== to[member])
  return [
    ...named,
    ...texts.map((change) => ({ change, from: from[change], to: to[change], breaking: false })),
  ]
}

/** Whether they have the same key, or one of them had the key of the other before its values took another form. */
function isSame(one: Field, other: Field): boolean {
  const had = (field: Field, key: string) =>
    field.key === key || field.from?.some((former) => former.key === key)
  return had(one, other.key) || had(other, one.key) || false
}

function dropped(field: Field): DefinitionChange {
  return { field: field.name, change: 'dropped', from: presentField(field), breaking: true }
}

function fieldChanges(before: Field | undefined, after: Field): DefinitionChange[] {
  const { name: field } = after
  if (before === undefined) {
    const breaking = after.required === true && after.default === undefined
    return [{ field, change: 'added', to: presentField(after), breaking }]
  }
  const found: DefinitionChange[] = []
  if (before.name !== field)
    found.push({ field, change: 'renamed', from: before.name, to: field, breaking: true })
  if (before.type !== after.type)
    return [
      ...found,
      { field, change: 'type', from: presentField(before), to: presentField(after), breaking: true },
    ]
  const options = changedOptions(before, after)
  const values = options.filter((option) => !WORDS.includes(option))
  if (options.length === 0) return found
  const side = (one: Field) => Object.fromEntries(options.map((option) => [option, one[option] ?? null]))
  const change = values.length === 0 ? 'described' : weightOf(before, after)
  const breaking = change === 'tightened' || change === 'reformatted'
  return [...found, { field, change, from: side(before), to: side(after), breaking }]
}

function weightOf(before: Field, after: Field): ChangeKind {
  if (!keepsForm(before, after)) return 'reformatted'
  return isWider(before, after) && !(after.unique && !before.unique) ? 'loosened' : 'tightened'
}

function changedOptions(before: Field, after: Field): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const one of ['name', 'key', 'type', 'from']) names.delete(one)
  return [...names].filter((option) => !isDeepStrictEqual(before[option], after[option])).sort()
}

/** Constraints of several fields; that of a single one is an option of it. */
function uniqueChanges(from: Definition, to: Definition): DefinitionChange[] {
  const [before = new Map(), after = new Map()] = [from, to].map(
    ({ constraints }) =>
      new Map(constraints.filter(({ keys }) => keys.length > 1).map((one) => [canonical(one.keys), one])),
  )
  const names = ({ fields }: Definition, keys: string[]) =>
    keys.map((key) => fields.find((field) => field.key === key)?.name ?? key)
  const gone = [...before].filter(([key]) => !after.has(key))
  const made = [...after].filter(([key]) => !before.has(key))
  return [
    ...gone.map(([, { keys }]) => ({ change: 'unique' as const, from: names(from, keys), breaking: false })),
    ...made.map(([, { keys }]) => ({ change: 'unique' as const, to: names(to, keys), breaking: true })),
  ]
}

/** A change in a few words: `name is renamed to full_name`. */
export function describeChange({ field, change, from, to }: DefinitionChange): string {
  const what = field ?? 'the entity'
  if (change === 'renamed') return `${String(from)} is renamed to ${String(to)}`
  if (change === 'type') return `${what} becomes ${(to as { type: string }).type}`
  if (change === 'unique')
    return to === undefined ? `${String(from)} may repeat` : `${String(to)} must be unique together`
  if (change === 'label' || change === 'description') return `the ${change} is changed`
  if (change === 'described') return `${what} is changed: ${Object.keys(to as object).join(', ')}`
  if (change === 'added' || change === 'dropped') return `${what} is ${change}`
  return `${what} is ${change}: ${Object.keys(to as object).join(', ')}`
}
