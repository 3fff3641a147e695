// The member `convert` of a changed definition: for each field by its new name how its values are taken over. It belongs to
// the change and is never stored in the definition. Read here; refused with errors.invalidDefinition and every violation.
import type { Violation } from '../../errors/problem.ts'
import { listed } from '../../fields/expectation.ts'
import type { Field, JsonSchema } from '../../fields/field.ts'
import { ROUNDINGS, type Rounding } from '../../fields/rounding.ts'
import { isTimeZone } from '../../fields/time-zone.ts'
import { below, violation } from '../../fields/violation.ts'
import { createValidator, type Validate } from '../../validation/ajv.ts'

/** What becomes of a value that does not convert. */
export type Otherwise = 'refuse' | 'null' | 'default' | 'quarantine'

/** How the values of one field are converted. */
export interface ConvertOptions {
  /** Texts of old values -> new values, before everything else; null: unset. Of a list, its elements. */
  map?: Readonly<Record<string, unknown>>
  /** Whether white space around texts goes. */
  trim?: boolean
  /** How digits that the new type has no place for are rounded; absent: such a value does not convert. */
  round?: Rounding
  /** Splits a text into a list, joins a list to a text. */
  separator?: string
  /** IANA name of the zone of local times and days; days are UTC's by default. */
  timezone?: string
  /** The unique field of the related entity by which a text finds its record, or that becomes the text; by default its id. */
  lookup?: string
  /** `create`: for a text that leads to no record one is made. */
  missing?: 'create' | 'refuse'
  /** Default: `refuse`. `null` and `quarantine` keep the old value under the field's old key. */
  otherwise?: Otherwise
  /** Of an object: how its members are converted, by their new names. */
  fields?: Readonly<Record<string, ConvertOptions>>
}

/** Options by the new name of the field. */
export type ConvertByField = ReadonlyMap<string, ConvertOptions>

export const MAX_MAPPED = 1000

const OWN: JsonSchema = {
  map: {
    type: 'object',
    maxProperties: MAX_MAPPED,
    description: 'Texts of values -> the new values, before everything else; null: unset',
    examples: [{ 'n/a': null }],
  },
  trim: { type: 'boolean', description: 'Whether white space around texts goes' },
  round: { enum: [...ROUNDINGS], description: 'What becomes of digits that the type has no place for' },
  separator: {
    type: 'string',
    minLength: 1,
    maxLength: 10,
    description: 'Splits a text into a list, or joins a list to a text',
  },
  timezone: { type: 'string', maxLength: 64, description: 'Of local times and days; IANA name' },
  lookup: {
    type: 'string',
    maxLength: 63,
    description: 'The unique field of the related entity that the text is a value of; by default its id',
  },
  missing: {
    enum: ['refuse', 'create'],
    description: 'Whether a record is made for a text that `lookup` does not find',
  },
}

const OTHERWISE = {
  enum: ['refuse', 'null', 'default', 'quarantine'],
  description:
    'What becomes of values that do not convert, by default refuse; null and quarantine keep them under the old form until that is purged',
}

const MEMBER_DEPTH = 5

function schemaOf(depth: number): JsonSchema {
  const fields = { type: 'object', additionalProperties: depth === 0 ? true : schemaOf(depth - 1) }
  const otherwise = depth === MEMBER_DEPTH ? { otherwise: OTHERWISE } : {}
  return { type: 'object', additionalProperties: false, properties: { ...OWN, ...otherwise, fields } }
}

/** JSON Schema of `convert`; it validates and documents. */
export const CONVERT: JsonSchema = {
  type: 'object',
  additionalProperties: schemaOf(MEMBER_DEPTH),
  description:
    'How values are taken over, by the new names of the fields; part of the change alone, not kept',
}

/** Memo: compiled with the first `convert`. */
let validate: Validate | undefined

/**
 * The options of a body, with what is wrong with them; pointers start at the body.
 *
 * @param fields of the definition that is to be
 */
export function readConvert(
  raw: unknown,
  fields: readonly Field[],
): { convert: ConvertByField; violations: Violation[] } {
  if (raw == null) return { convert: new Map(), violations: [] }
  validate ??= createValidator().compile(CONVERT, 'option')
  const shape = below('convert', validate(raw))
  if (shape.length > 0) return { convert: new Map(), violations: shape }
  const convert = new Map(Object.entries(raw as Record<string, ConvertOptions>))
  const found = [...convert].flatMap(([name, options]) => below(name, checkField(name, options, fields)))
  return { convert, violations: below('convert', found) }
}

function checkField(name: string, options: ConvertOptions, fields: readonly Field[]): Violation[] {
  const field = fields.find((one) => one.name === name)
  if (field === undefined) {
    const names = listed(fields.map((one) => one.name))
    return [violation('unknown', `is no field of the new definition; fields: ${names}`)]
  }
  return [...checkOtherwise(options, field), ...checkZones(options)]
}

function checkOtherwise({ otherwise = 'refuse' }: ConvertOptions, field: Field): Violation[] {
  if (field.required && (otherwise === 'null' || otherwise === 'quarantine'))
    return [violation('otherwise', 'must be refuse or default: the field is required', '/otherwise')]
  if (otherwise === 'default' && field.default === undefined)
    return [
      violation('otherwise', 'needs a default of the field, which such records are to get', '/otherwise'),
    ]
  return []
}

function checkZones({ timezone, fields = {} }: ConvertOptions): Violation[] {
  const own = timezone === undefined || isTimeZone(timezone) ? [] : [badZone()]
  const nested = Object.entries(fields).flatMap(([name, inner]) => below(name, checkZones(inner)))
  return [...own, ...below('fields', nested)]
}

function badZone(): Violation {
  return violation('timezone', 'must be the IANA name of a time zone, such as Europe/Berlin', '/timezone')
}
