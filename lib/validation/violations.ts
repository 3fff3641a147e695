// Converts Ajv's errors to violations: the pointer of the property, the keyword, and a message that says what is allowed.

import type { ErrorObject } from 'ajv/dist/2020.js'
import { SYSTEM_FIELDS } from '../entities/entity.ts'
import type { Violation } from '../errors/problem.ts'
import { quantity } from '../errors/quantity.ts'
import { expectation, listed } from '../fields/expectation.ts'
import type { JsonSchema } from '../fields/field.ts'
import { formats } from '../fields/index.ts'
import { escapeToken, violation } from '../fields/violation.ts'

/** More would help no reader; a body of one megabyte can contain half a million violations. */
const MOST_VIOLATIONS = 100

/** An annotation beside a pattern: the message of its violation, in words instead of the regular expression. */
export const RULE = 'x-rule'

type Message = (error: ErrorObject, noun: string) => string

const expected: Message = (error) => `must be ${expectation(error.parentSchema as JsonSchema, formats)}`

const messages: Readonly<Record<string, Message>> = {
  type: (error, noun) => `${expected(error, noun)}${error.data === null ? ', not null' : ''}`,
  enum: expected,
  format: expected,
  required: () => 'is required',
  additionalProperties: (error, noun) => unknownProperty(error, noun),
  minimum: ({ schema }) => `must be at least ${schema}`,
  maximum: ({ schema }) => `must be at most ${schema}`,
  minLength: ({ schema }) => `must have at least ${quantity(schema, 'character')}`,
  maxLength: ({ schema }) => `must have at most ${quantity(schema, 'character')}`,
  minItems: ({ schema }) => `must have at least ${quantity(schema, 'item')}`,
  maxItems: ({ schema }) => `must have at most ${quantity(schema, 'item')}`,
  uniqueItems: ({ params: { i, j } }) =>
    `must not repeat a value (items ${Math.min(i, j)} and ${Math.max(i, j)} are equal)`,
  pattern: ({ schema, parentSchema }) => parentSchema?.[RULE] ?? `must match the pattern ${schema}`,
}

/** At most 100 violations, and one that says so if there are more; of a value of the wrong type only that one. */
export function toViolations(errors: readonly ErrorObject[], noun = 'field'): Violation[] {
  // Errors after these would not be listed anyway.
  const early = errors.slice(0, 10 * MOST_VIOLATIONS)
  const wrongType = new Set(early.filter(isTypeError).map((error) => error.instancePath))
  const relevant = early.filter((error) => isTypeError(error) || !wrongType.has(error.instancePath))
  const first = relevant.slice(0, MOST_VIOLATIONS).map((error) => describe(error, noun))
  const message = `has more violations; these are the first ${MOST_VIOLATIONS}`
  return relevant.length > first.length ? [...first, violation('too_many', message)] : first
}

function isTypeError({ keyword }: ErrorObject): boolean {
  return keyword === 'type'
}

function describe(error: ErrorObject, noun: string): Violation {
  const { keyword, instancePath, params, message = 'is not valid' } = error
  const property: unknown = params.missingProperty ?? params.additionalProperty
  const pointer = property === undefined ? instancePath : `${instancePath}/${escapeToken(String(property))}`
  return { pointer, keyword, message: messages[keyword]?.(error, noun) ?? message }
}

function unknownProperty({ params, parentSchema, instancePath }: ErrorObject, noun: string): string {
  const { title, properties = {} } = parentSchema as { title?: string; properties?: object }
  const name = String(params.additionalProperty)
  if (noun === 'field' && instancePath === '' && (SYSTEM_FIELDS as readonly string[]).includes(name)) {
    return 'is set by the server and cannot be sent'
  }
  const owner = title === undefined ? '' : ` of ${title}`
  return `is not ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}${owner}; ${noun}s: ${listed(Object.keys(properties))}`
}
