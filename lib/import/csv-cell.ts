// From a CSV cell to the value that a JSON body would have: texts lose the guard against spreadsheets, everything that is
// no text in JSON is written as in JSON. What does not fit stays text, for the entity's JSON Schema to refuse in its words.

import { unguardFormula } from '../csv/formula-guard.ts'
import { Problem, type Violation } from '../errors/problem.ts'
import type { Field } from '../fields/field.ts'
import { isTextual, typeOf } from '../fields/index.ts'
import { violation } from '../fields/violation.ts'
import { parseJsonBody } from '../http/json-body.ts'

export type CellValue = { value: unknown } | { violations: Violation[] }

type ReadCell = (cell: string) => CellValue

const NUMBER = /^\s*-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\s*$/

/** As people, spreadsheets and databases write them; a box that is not checked is an empty cell. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1', 'x', 'checked'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', 'off', '0', 'unchecked'].map((word) => [word, false] as const),
])

/** How cells of the field are read; an empty one that is no text is null, with quotes or without. */
export function cellReader(field: Field): ReadCell {
  if (isTextual(field)) return (cell) => ({ value: unguardFormula(cell) })
  const read = READERS[String(typeOf(field.type).jsonSchema(field).type)] ?? readDocument
  return (cell) => (cell === '' ? { value: null } : read(cell))
}

const READERS: Readonly<Record<string, ReadCell>> = {
  string: (cell) => ({ value: cell }),
  integer: readNumber,
  number: readNumber,
  boolean: readBoolean,
}

function readBoolean(cell: string): CellValue {
  return { value: BOOLEANS.get(cell.trim().toLowerCase()) ?? cell }
}

function readNumber(cell: string): CellValue {
  return NUMBER.test(cell) ? readDocument(cell) : { value: cell }
}

function readDocument(cell: string): CellValue {
  try {
    return { value: parseJsonBody(cell) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { errors = [violation('json', 'must be JSON; a text has quotation marks')] } = error.extras
    return { violations: errors }
  }
}
