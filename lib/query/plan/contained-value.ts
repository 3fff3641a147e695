// Plan: the value of cs, cd and ov, and of comparisons of lists. A list field takes `{a,b}` or a JSON array, each element
// typed by the type of the list's elements; any other field takes JSON.

import type { Field } from '../../fields/field.ts'
import type { FieldType } from '../../fields/field-type.ts'
import { typeOf } from '../../fields/index.ts'
import { parseDocument } from '../../fields/parse-document.ts'
import { Scanner } from '../parse/scanner.ts'
import { parseBraced } from '../parse/value.ts'
import { columnName } from './column.ts'
import type { FieldColumn, JsonColumn } from './operand.ts'
import { expectedFrom, invalidValue } from './typed-value.ts'

/** The JSON value that a text means to this field. */
export function typeContained(column: FieldColumn | JsonColumn, text: string): unknown {
  const element = column.kind === 'field' ? column.type.element?.(column.field) : undefined
  if (column.kind === 'field' && element !== undefined) return typeList(column, element, text)
  const value = parseDocument(text)
  if (value === undefined) throw invalidValue(column, text, 'JSON')
  return value
}

function typeList(column: FieldColumn, element: Field, text: string): unknown[] {
  const type = typeOf(element.type)
  const elements = text.trimStart().startsWith('[')
    ? parseDocument(text)
    : readBraced(text, columnName(column))
  if (!Array.isArray(elements)) throw invalidValue(column, text, 'a list such as {a,b}')
  return elements.map((value: unknown) => {
    const typed = typeElement(value, type, element)
    if (typed === undefined)
      throw invalidValue(column, String(value), `a list; each element: ${expectedFrom(type, element)}`)
    return typed
  })
}

function readBraced(text: string, name: string): string[] {
  const scanner = new Scanner(text, name)
  const elements = parseBraced(scanner)
  if (!scanner.done) scanner.fail('the end')
  return elements
}

/** Objects and lists of a JSON array are compared as they are. */
function typeElement(value: unknown, { parse }: FieldType, element: Field): unknown {
  return typeof value === 'object' && value !== null ? value : parse?.(String(value), element)
}
