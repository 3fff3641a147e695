// Whether a changed field accepts everything that it accepted before: then no record has to be looked at. An option that
// this table does not know counts as stricter when it changes, so a new type is safe without a row here.
import { isDeepStrictEqual } from 'node:util'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'

/** Whether going from one value of an option to another only widens; undefined is an option that is not given. */
type Widens = (before: unknown, after: unknown) => boolean

const lower: Widens = (before, after) => after === undefined || compared(before, after) >= 0

const higher: Widens = (before, after) => after === undefined || compared(before, after) <= 0

const free: Widens = () => true

const superset: Widens = (before, after) =>
  after === undefined ||
  (Array.isArray(before) && before.every((value) => (after as unknown[]).includes(value)))

const widening: Readonly<Record<string, Widens>> = {
  min: lower,
  min_length: lower,
  min_items: lower,
  max: higher,
  max_length: higher,
  max_items: higher,
  max_size: higher,
  precision: higher,
  values: superset,
  mime_types: superset,
  pattern: (_, after) => after === undefined,
  trim: (_, after) => after !== true,
  on_delete: free,
  items: (before, after) => isWider(before as Field, after as Field),
  fields: (before, after) => areLooser(before as Field[], after as Field[]),
}

/** Positive when the first number is larger; NaN, so neither lower nor higher, for anything but two numbers. */
function compared(before: unknown, after: unknown): number {
  return typeof before === 'number' && typeof after === 'number' ? before - after : Number.NaN
}

/** Whether every stored value of `before` is a value of `after` in the same stored form with the same keys. */
export function isWider(before: Field, after: Field): boolean {
  if (after.required && !before.required) return false
  return (
    hasLooserType(before, after) && optionsOf(before, after).every((option) => widens(option, before, after))
  )
}

function widens(option: string, before: Field, after: Field): boolean {
  return (
    isDeepStrictEqual(before[option], after[option]) ||
    Boolean(widening[option]?.(before[option], after[option]))
  )
}

function optionsOf(before: Field, after: Field): string[] {
  return [...new Set([before, after].flatMap((field) => Object.keys(typeOf(field.type).options)))]
}

/** The same type, or one that checks nothing of its own and shares the stored form and keys (`string` to `text`). */
function hasLooserType(before: Field, after: Field): boolean {
  if (before.type === after.type) return true
  const [from, to] = [typeOf(before.type), typeOf(after.type)]
  const sameForm =
    from.normalize === to.normalize && from.sortKey === to.sortKey && from.exactKey === to.exactKey
  const plain = to.format === undefined && to.verify === undefined && to.nested === undefined
  return sameForm && from.sortKey !== undefined && plain
}

/** Members of an object: none is gone, none is stricter, and a new one may be missing. */
function areLooser(before: readonly Field[], after: readonly Field[]): boolean {
  const now = new Map(after.map((field) => [field.name, field]))
  const kept = before.every((field) => {
    const changed = now.get(field.name)
    return changed !== undefined && isWider(field, changed)
  })
  const known = new Set(before.map(({ name }) => name))
  return kept && after.every((field) => known.has(field.name) || !field.required)
}
