// The closed grammar of one field definition, read from the type table: the options every field has and those of its type.
// It validates definitions and documents them. What a field may say depends on where it stands.
import type { JsonSchema } from '../../fields/field.ts'
import type { FieldType } from '../../fields/field-type.ts'
import { createValidator, type Validate } from '../../validation/ajv.ts'

/** A field of an entity, a field of an object, or the items of an array. */
export type Role = 'top' | 'member' | 'item'

const LABELS = {
  label: { type: 'string', maxLength: 200, description: 'Name for people' },
  description: { type: 'string', maxLength: 5000, description: 'Meaning, shown in the docs' },
  group: { type: 'string', maxLength: 100, description: 'Group in a user interface' },
  ui: { type: 'object', description: 'Hints for a user interface; kept and returned as they are' },
}

const UNIQUE_TEXT = {
  enum: [true, false, 'ci', 'exact'],
  description:
    'Whether no two records may have the same value; "ci": compared without case, "exact": with case',
}

const COMMON: Readonly<Record<Role, Record<string, JsonSchema>>> = {
  top: {
    required: { type: 'boolean', description: 'Whether every record must have a value' },
    unique: { type: 'boolean', description: 'Whether no two records may have the same value' },
    was: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description:
        'Former name, or names: a field that is called so is renamed, with its values; else it says nothing',
    },
    backfill: {
      type: 'boolean',
      description:
        'Whether existing records without a value get the default, too; part of the change alone, not kept',
    },
    indexed: {
      type: 'boolean',
      description: 'Whether filters and orders on it are to be fast on many records',
    },
    default: { description: 'Value of a new record that does not give one' },
    ...LABELS,
  },
  member: {
    required: { type: 'boolean', description: 'Whether every object must have a value' },
    was: {
      type: 'string',
      description: 'Former name: the values of the member that is called so are taken over',
    },
    default: { description: 'Value of an object that does not give one' },
    ...LABELS,
  },
  item: LABELS,
}

/** JSON Schema of the definition of a field of this type. */
export function fieldGrammar(type: FieldType, role: Role): JsonSchema {
  const name = { type: 'string', description: 'Name in records, URLs and queries' }
  return {
    type: 'object',
    title: role === 'top' ? type.name : `${type.name} inside ${role === 'item' ? 'an array' : 'an object'}`,
    properties: {
      ...(role === 'item' ? {} : { name }),
      type: { enum: [type.name, ...type.aliases], description: type.summary },
      ...type.options,
      ...COMMON[role],
      ...(role === 'top' && type.caselessKey !== undefined ? { unique: UNIQUE_TEXT } : {}),
    },
    required: [...(role === 'item' ? [] : ['name']), 'type', ...(type.requiredOptions ?? [])],
    additionalProperties: false,
  }
}

/** Memo: the grammar of each type in each role, compiled. */
const compiled = new Map<string, Validate>()

const validator = createValidator()

/** Checks the definition of a field of this type, but not what stands inside its nested definitions. */
export function checkGrammar(type: FieldType, role: Role): Validate {
  const key = `${type.name} ${role}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const validate = validator.compile(fieldGrammar(type, role), 'option')
  compiled.set(key, validate)
  return validate
}
