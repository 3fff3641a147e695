// From Ajv's errors to violations: a pointer that names the property, the keyword, and a sentence that says what is allowed.
import type { ErrorObject } from 'ajv/dist/2020.js'
import { SYSTEM_FIELDS } from '../entities/entity.ts'
import type { Violation } from '../errors/problem.ts'
import { expectation, listed } from '../fields/expectation.ts'
import type { JsonSchema } from '../fields/field.ts'
import { formats } from '../fields/index.ts'
import { escapeToken, violation } from '../fields/violation.ts'

/** As many as a reader can use; a body of a megabyte can hold half a million. */
const MOST_VIOLATIONS = 100

/** Beside a pattern of our own: what it asks for, in words. */
export const RULE = 'x-rule'

type Sentence = (error: ErrorObject, noun: string) => string

const ofFormat: Sentence = (error) => `must be ${expectation(error.parentSchema as JsonSchema, formats)}`

const sentences: Readonly<Record<string, Sentence>> = {
  type: (error, noun) => `${ofFormat(error, noun)}${error.data === null ? ', not null' : ''}`,
  enum: ofFormat,
  format: ofFormat,
  required: () => 'is required',
  additionalProperties: (error, noun) => unknownProperty(error, noun),
  minimum: ({ schema }) => `must be at least ${schema}`,
  maximum: ({ schema }) => `must be at most ${schema}`,
  minLength: ({ schema }) => `must have at least ${counted(schema, 'character')}`,
  maxLength: ({ schema }) => `must have at most ${counted(schema, 'character')}`,
  minItems: ({ schema }) => `must have at least ${counted(schema, 'item')}`,
  maxItems: ({ schema }) => `must have at most ${counted(schema, 'item')}`,
  uniqueItems: ({ params: { i, j } }) =>
    `must not repeat a value (items ${Math.min(i, j)} and ${Math.max(i, j)} are equal)`,
  pattern: ({ schema, parentSchema }) => parentSchema?.[RULE] ?? `must match the pattern ${schema}`,
}

/** Violations in words; `noun` is what an unknown property is called. */
export function toViolations(errors: readonly ErrorObject[], noun = 'field'): Violation[] {
  // Whatever comes later would not be told anyway.
  const early = errors.slice(0, 10 * MOST_VIOLATIONS)
  const wrongType = new Set(early.filter(isTypeError).map((error) => error.instancePath))
  const telling = early.filter((error) => isTypeError(error) || !wrongType.has(error.instancePath))
  const shown = telling.slice(0, MOST_VIOLATIONS).map((error) => describe(error, noun))
  const message = `has more violations; these are the first ${MOST_VIOLATIONS}`
  return telling.length > shown.length ? [...shown, violation('too_many', message)] : shown
}

function isTypeError({ keyword }: ErrorObject): boolean {
  return keyword === 'type'
}

function describe(error: ErrorObject, noun: string): Violation {
  const { keyword, instancePath, params, message = 'is not valid' } = error
  const property: unknown = params.missingProperty ?? params.additionalProperty
  const pointer = property === undefined ? instancePath : `${instancePath}/${escapeToken(String(property))}`
  return { pointer, keyword, message: sentences[keyword]?.(error, noun) ?? message }
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

function counted(count: unknown, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
