// Matches the names in a header to fields: exactly, then regardless of case and outer spaces, then by the former names and
// the labels of fields in the same two ways. A field goes to the name that matches it best.
import { SYSTEM_FIELDS } from '../entities/entity.ts'
import type { Field } from '../fields/field.ts'

export interface NameMatch {
  /** Undefined: the name stands for no field. */
  field: string | undefined
  /** What it might stand for: several that match it alike, or one that another name in the header has. */
  candidates: readonly string[]
  /** Whether the other name matches it more closely. */
  isLooser?: boolean
}

export interface NamedField extends Pick<Field, 'name' | 'label'> {
  formerNames?: readonly string[]
}

/** Names in the header, by the fields that they stand for: `columns=field:"Name"`. */
export type HeaderSources = ReadonlyMap<string, string>

type Level = (name: string) => readonly string[]

const fold = (text: string) => text.trim().toLowerCase()

/**
 * What each name stands for.
 *
 * @param fields those that the caller may know of
 * @param sources fields that have one name in the header and no other
 */
export function matchNames(
  names: readonly string[],
  fields: readonly NamedField[],
  sources: HeaderSources,
): NameMatch[] {
  const matches = names.map((): NameMatch => ({ field: undefined, candidates: [] }))
  const taken = new Set<string>()
  for (const level of levelsOf(fields, sources)) {
    const before = new Set(taken)
    for (const [at, match] of matches.entries()) {
      const candidates = isOpen(match) ? level(names[at] ?? '') : []
      if (candidates.length > 0) matches[at] = choose(candidates, before, taken)
    }
  }
  return matches
}

/** Whether a later level may still find a field for the name. */
const isOpen = ({ field, candidates }: NameMatch) => field === undefined && candidates.length < 2

/** @param before the fields that names have by closer levels, @param taken those that names have by now */
function choose(candidates: readonly string[], before: ReadonlySet<string>, taken: Set<string>): NameMatch {
  const free = candidates.filter((name) => !before.has(name))
  const [only] = free
  if (free.length > 1) return { field: undefined, candidates: free }
  if (only === undefined) return { field: undefined, candidates: candidates.slice(0, 1), isLooser: true }
  if (taken.has(only)) return { field: undefined, candidates: [only] }
  taken.add(only)
  return { field: only, candidates: free }
}

/** The ways to match, the closest first. */
function levelsOf(fields: readonly NamedField[], sources: HeaderSources): Level[] {
  const mapped = [...sources].map(([field, source]): [string, string] => [source, field])
  const open = fields.filter(({ name }) => !sources.has(name))
  const named = open.map(({ name }): [string, string] => [name, name])
  const system = SYSTEM_FIELDS.filter((name) => !sources.has(name)).map((name): [string, string] => [
    name,
    name,
  ])
  const labelled = open.flatMap(({ name, label }): [string, string][] =>
    label === undefined ? [] : [[label, name]],
  )
  const former = open.flatMap(({ name, formerNames = [] }) =>
    formerNames.map((one): [string, string] => [one, name]),
  )
  return [mapped, [...named, ...system], former, labelled].flatMap((pairs) => [
    levelOf(pairs, (text) => text),
    levelOf(pairs, fold),
  ])
}

function levelOf(pairs: readonly (readonly [string, string])[], spelling: (text: string) => string): Level {
  const fieldsOf = new Map<string, string[]>()
  for (const [text, field] of pairs) {
    const known = fieldsOf.get(spelling(text))
    if (known === undefined) fieldsOf.set(spelling(text), [field])
    else known.push(field)
  }
  return (name) => fieldsOf.get(spelling(name)) ?? []
}
