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

/** Spreadsheets write TRUE, PostgreSQL t. */
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, t: true, false: false, f: false }

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
  const spelling = cell.toLowerCase()
  return { value: Object.hasOwn(BOOLEANS, spelling) ? BOOLEANS[spelling] : cell }
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
