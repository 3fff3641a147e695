// The first line of a CSV body: from names to the fields that its columns hold. Refuses, all at once, names that are no
// fields, that are there twice, or that the caller may not write.

import type { Cell } from '../csv/csv-reader.ts'
import { unguardFormula } from '../csv/formula-guard.ts'
import { type Entity, SYSTEM_FIELDS } from '../entities/entity.ts'
import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { listed } from '../fields/expectation.ts'
import { escapeToken } from '../fields/violation.ts'
import { type CellValue, cellReader } from './csv-cell.ts'

/** A column of the body; null: it is not taken. */
export type Column = { name: string; read: (cell: string) => CellValue } | null

export interface HeaderRules {
  /** What the caller may know of, and what of it he may write. */
  visible: Entity
  settable: Entity
  /** The only columns to take; undefined: all. */
  columns: readonly string[] | undefined
  /** Whether a row may name the record that it is merged into. */
  takesId: boolean
}

const asIs = (cell: string): CellValue => ({ value: cell })

/** The columns of a header; errors.invalidBody. */
export function readHeader(header: readonly Cell[], rules: HeaderRules): Column[] {
  const names = header.map((cell) => unguardFormula(cell ?? '').trim())
  const fields = new Map(rules.settable.fields.map((field) => [field.name, field]))
  const wanted = rules.columns === undefined ? undefined : new Set(rules.columns)
  const refused: Violation[] = []
  const columns = names.map((name, at): Column => {
    if (wanted?.has(name) === false) return null
    const field = fields.get(name)
    const message =
      names.indexOf(name) < at ? 'is in the header twice' : refusalOf(name, names, { ...rules, fields })
    if (message !== undefined) refused.push({ pointer: pointerTo(name), keyword: 'header', message })
    return { name, read: field === undefined ? asIs : cellReader(field) }
  })
  if (refused.length > 0) throw errors.invalidBody(refused)
  return columns
}

const pointerTo = (name: string) => (name === '' ? '' : `/${escapeToken(name)}`)

/** Why there may be no column of this name; undefined when there may. */
function refusalOf(
  name: string,
  names: readonly string[],
  { visible, fields, takesId }: HeaderRules & { fields: ReadonlyMap<string, unknown> },
): string | undefined {
  if (fields.has(name) || (takesId && name === 'id')) return undefined
  if (SYSTEM_FIELDS.some((system) => system === name)) {
    const others = names.filter((other) => fields.has(other) || (takesId && other === 'id'))
    return `is set by the server; take the other columns alone with ?columns=${others.join(',')}`
  }
  if (visible.fields.some((field) => field.name === name)) return 'is not yours to write'
  const known = `fields: ${listed(visible.fields.map((field) => field.name))}`
  return name === ''
    ? `has a header with an empty name; ${known}`
    : `is not a field of ${visible.name}; ${known}`
}
