// Plan: the value of cs, cd and ov, and of comparisons of lists. A list field takes `{a,b}` or a JSON array, each element
// typed by the field of the list's elements; any other field takes JSON. Goes out in the stored form of the field.

import type { Field } from '../../fields/field.ts'
import { isTextual, typeOf } from '../../fields/index.ts'
import { parseDocument } from '../../fields/parse-document.ts'
import { storedPart } from '../../fields/stored-part.ts'
import { Scanner } from '../parse/scanner.ts'
import { parseBraced } from '../parse/value.ts'
import { columnName } from './column.ts'
import type { FieldColumn, JsonColumn } from './operand.ts'
import { expectedFrom, invalidValue, momentOf } from './typed-value.ts'

/** The JSON value that a text means to this field. */
export function typeContained(column: FieldColumn | JsonColumn, text: string): unknown {
  const element = column.kind === 'field' ? column.type.element?.(column.field) : undefined
  if (column.kind === 'field' && element !== undefined) return typeList(column, element, text)
  const value = parseDocument(text)
  if (value === undefined) throw invalidValue(column, text, 'JSON')
  return column.kind === 'field' ? storedPart(column.field, value) : value
}

function typeList(column: FieldColumn, element: Field, text: string): unknown[] {
  const isJson = text.trimStart().startsWith('[')
  const elements = isJson ? parseDocument(text) : readBraced(text, columnName(column))
  if (!Array.isArray(elements)) throw invalidValue(column, text, 'a list such as {a,b}')
  return elements.map((value: unknown) => {
    const isTyped = isJson && (element.type === 'json' || (typeof value === 'object' && value !== null))
    const typed = isTyped ? storedPart(element, value) : typeElement(String(value), element)
    if (typed !== undefined) return typed
    const expected = expectedFrom(typeOf(element.type), element)
    throw invalidValue(column, String(value), `a list; each element: ${expected}`)
  })
}

function readBraced(text: string, name: string): string[] {
  const scanner = new Scanner(text, name)
  const elements = parseBraced(scanner)
  if (!scanner.done) scanner.fail('the end')
  return elements
}

/** The stored form of an element; undefined for a text that is no value of its field. */
function typeElement(text: string, element: Field): unknown {
  const type = typeOf(element.type)
  const value = type.parse?.(isTextual(element) ? text : momentOf(type, text).trim(), element)
  return value === undefined ? undefined : storedPart(element, value, true)
}
