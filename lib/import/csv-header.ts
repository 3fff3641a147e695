// The header of a CSV body: from names to the fields that its columns hold. Refuses, all at once, names that are no fields,
// that stand for one field twice, or that the caller may not write, and fields of `columns` that it lacks.
import type { Cell } from '../csv/csv-record.ts'
import { unguardFormula } from '../csv/formula-guard.ts'
import { type Entity, SYSTEM_FIELDS } from '../entities/entity.ts'
import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { listed } from '../fields/expectation.ts'
import { escapeToken } from '../fields/violation.ts'
import { type CellValue, cellReader } from './csv-cell.ts'
import { type HeaderSources, matchNames, type NamedField, type NameMatch } from './header-names.ts'

/** A column of the body; null: it is not taken. */
export type Column = { name: string; read: (cell: string) => CellValue } | null

export interface HeaderRules {
  /** The fields that the caller may know of, and those of them that they may write. */
  visible: Entity
  settable: Entity
  /** The only columns to take; undefined: all. */
  columns: readonly string[] | undefined
  /** The names in the header that `columns` gives to fields. */
  sources: HeaderSources
  /** System fields that a row may have: an id to be merged into. */
  system: ReadonlySet<string>
}

const asIs = (cell: string): CellValue => ({ value: cell })

/** The columns of a header; errors.invalidBody. */
export function readHeader(header: readonly Cell[], rules: HeaderRules): Column[] {
  const names = namesOf(header)
  const matches = matchNames(names, namedFields(rules.visible), rules.sources)
  const fields = new Map(rules.settable.fields.map((field) => [field.name, field]))
  const refused: Violation[] = missingColumns(names, matches, rules)
  const columns = matches.map((match, at): Column => {
    const name = match.field ?? names[at]?.trim() ?? ''
    if (!isWanted(match, rules)) return null
    const message = refusalOf(name, match, { ...rules, matches, names })
    if (message !== undefined) refused.push(headerViolation(name, message))
    const field = fields.get(name)
    return { name, read: field === undefined ? asIs : cellReader(field) }
  })
  if (refused.length > 0) throw errors.invalidBody(refused)
  return columns
}

/** How many of the cells of a record are names that a header would have. */
export function countNames(header: readonly Cell[], { visible, sources }: HeaderRules): number {
  const matches = matchNames(namesOf(header), namedFields(visible), sources)
  return matches.filter(({ candidates }) => candidates.length > 0).length
}

/** The fields with the names that they had before. */
function namedFields({ fields, aliases = [] }: Entity): NamedField[] {
  return fields.map(({ key, name, label }) => {
    const former = aliases.filter((alias) => alias.key === key).map((alias) => alias.name)
    return { name, label, formerNames: former }
  })
}

const namesOf = (header: readonly Cell[]) => header.map((cell) => unguardFormula(cell ?? ''))

/** Characters of a name that a refusal repeats. */
const LONGEST_NAME = 80

/** Without `columns` every name is; with them those that stand for one of them, and for it better than others. */
function isWanted({ candidates, isLooser = false }: NameMatch, { columns }: HeaderRules): boolean {
  return columns === undefined || (!isLooser && candidates.some((name) => columns.includes(name)))
}

function headerViolation(name: string, message: string): Violation {
  const pointer = name === '' ? '' : `/${escapeToken(name.slice(0, LONGEST_NAME))}`
  return { pointer, keyword: 'header', message }
}

/** A violation for each field of `columns` that no name in the header stands for. */
function missingColumns(
  names: readonly string[],
  matches: readonly NameMatch[],
  { columns = [], sources }: HeaderRules,
): Violation[] {
  // Of a name that is there twice the refusal is another.
  const found = new Set(matches.flatMap(({ candidates }) => candidates))
  const missing = columns.filter((column) => !found.has(column))
  return missing.map((column) => {
    const source = sources.get(column)
    const name = source === undefined ? '' : `"${source}" `
    const both = `columns: ${listed(columns)}; header: ${listed(names.map((one) => one.slice(0, LONGEST_NAME)))}`
    return headerViolation(column, `is in columns, but ${name}not in the header (${both})`)
  })
}

/** Why there may be no column of this name; undefined when there may. */
function refusalOf(
  name: string,
  { field, candidates }: NameMatch,
  rules: HeaderRules & { matches: readonly NameMatch[]; names: readonly string[] },
): string | undefined {
  if (candidates.length === 0) return unknownName(name, rules)
  if (candidates.length > 1) return `may be ${candidates.join(' or ')}; write it as it is there`
  if (field === undefined) return secondName(name, candidates[0] as string, rules)
  if (isTaken(field, rules)) return undefined
  if (!isSystem(field)) return 'is not yours to write'
  const others = rules.matches.flatMap((other) => other.field ?? []).filter((other) => isTaken(other, rules))
  return `is set by the server; take the other columns alone with ?columns=${others.join(',')}`
}

/** A name whose field another name in the header has taken. */
function secondName(
  name: string,
  field: string,
  { matches, names }: { matches: readonly NameMatch[]; names: readonly string[] },
): string {
  const other = names[matches.findIndex((match) => match.field === field)]?.trim() ?? field
  return other === name
    ? 'is in the header twice'
    : `stands for the field ${field}, as "${other.slice(0, LONGEST_NAME)}" in the header does; leave one out`
}

const isSystem = (name: string) => SYSTEM_FIELDS.some((system) => system === name)

const isTaken = (name: string, { settable, system }: HeaderRules) =>
  system.has(name) || settable.fields.some((field) => field.name === name)

function unknownName(name: string, { visible }: HeaderRules): string {
  const known = `fields: ${listed(visible.fields.map((field) => field.name))}`
  return name === ''
    ? `has a header with an empty name; ${known}`
    : `is not a field of ${visible.name}; ${known}`
}
