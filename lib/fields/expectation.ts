// Describes the values that a field's JSON Schema allows, in words that continue "must be", for refusals of bodies and
// filters.
import type { JsonSchema } from './field.ts'
import type { Format } from './field-type.ts'

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
  null: 'null',
}

const MOST_VALUES = 30

/** `an integer`, `a date such as 2024-02-29`, `one of red, green`, `a string or null`. */
export function expectation(schema: JsonSchema, formats: readonly Format[]): string {
  const types = [schema.type ?? []].flat() as string[]
  const format = formats.find((known) => known.name === schema.format)
  const values = schema.enum as unknown[] | undefined
  if (values !== undefined) return `one of ${listed(values.filter((value) => value !== null).map(String))}`
  const named = types.map((type) => (type === 'string' && format ? format.expects : (NOUNS[type] ?? type)))
  return named.join(' or ')
}

/** Names for a sentence: all of them, or the first ones and how many more there are. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_VALUES
  return names.slice(0, MOST_VALUES).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
