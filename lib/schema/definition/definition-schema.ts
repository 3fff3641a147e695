// JSON Schemas of entity definitions for the docs, made from the same type table and grammar that validate them.
// They refer to each other as components, since objects and arrays hold definitions themselves.

import { MAX_CONSTRAINTS } from '../../entities/slots.ts'
import type { JsonSchema } from '../../fields/field.ts'
import type { FieldType } from '../../fields/field-type.ts'
import { fieldTypes } from '../../fields/index.ts'
import { CONVERT } from '../conversion/convert-options.ts'
import { openApiSchema } from '../json-schema/portable-schema.ts'
import { fieldGrammar, type Role } from './field-grammar.ts'
import { MAX_FIELDS } from './read-field.ts'

const COMPONENTS: Readonly<Record<Role, string>> = { top: 'Field', member: 'ObjectField', item: 'ArrayItems' }

const nullableText = { type: ['string', 'null'] }

const ENTITY_NAME = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$', examples: ['student'] }

const NAMES = { type: 'array', items: { type: 'string' }, minItems: 1 }

const NULLS = {
  enum: ['distinct', 'equal'],
  description: 'Whether two unset values are the same value; by default they are not, as in SQL',
}

const COMPARE = {
  enum: ['exact', 'ci'],
  description: 'Whether the texts among the values are compared without case ("ci"); by default exactly',
}

const UNIQUE = {
  type: 'array',
  items: {
    oneOf: [
      NAMES,
      {
        type: 'object',
        properties: { fields: NAMES, nulls: NULLS, compare: COMPARE },
        required: ['fields'],
      },
    ],
  },
  description: `Fields whose values together must not occur twice; at most ${MAX_CONSTRAINTS} with unique fields counted`,
}

type ToName = (plain: string) => string

const refer = (component: string): JsonSchema => ({ $ref: `#/components/schemas/${component}` })

const partsOf = (nameOf: ToName) => ({
  label: { ...nullableText, description: 'Name for people' },
  description: { ...nullableText, description: 'Meaning, shown in the docs' },
  fields: { type: 'array', maxItems: MAX_FIELDS, items: refer(nameOf('Field')) },
})

const STAMPS = {
  version: { type: 'integer', minimum: 1, description: 'Counts the changes of the definition' },
  created_at: { type: 'string', format: 'date-time' },
  updated_at: { type: 'string', format: 'date-time' },
}

const WARNINGS = {
  type: 'array',
  items: { type: 'string' },
  description: 'What the change does to existing records that may not be expected; only in the answer of PUT',
}

const EXAMPLE = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string', required: true, max_length: 100 },
    { name: 'age', type: 'integer', min: 0 },
  ],
}

/**
 * The components that bodies and answers of /schemas refer to.
 *
 * @param nameOf the name of a component in the document, from its plain one
 */
export function definitionComponents(nameOf: ToName = (plain) => plain): Record<string, JsonSchema> {
  const parts = partsOf(nameOf)
  return {
    [nameOf('Field')]: oneOf('top', 'One field of an entity', nameOf),
    [nameOf('ObjectField')]: oneOf('member', 'One field of an object', nameOf),
    [nameOf('ArrayItems')]: oneOf('item', 'What every element of an array is', nameOf),
    [nameOf('EntityDefinition')]: {
      type: 'object',
      description: 'An entity: what its records consist of',
      properties: { entity_name: ENTITY_NAME, ...parts, unique: UNIQUE },
      required: ['entity_name', 'fields'],
      additionalProperties: false,
      examples: [EXAMPLE],
    },
    [nameOf('EntityReplacement')]: {
      type: 'object',
      description: 'The whole definition as it shall be; the answer of GET is accepted as it is',
      properties: {
        ...{ entity_name: ENTITY_NAME, ...parts, unique: UNIQUE, ...STAMPS, warnings: WARNINGS },
        convert: CONVERT,
      },
      required: ['fields'],
      additionalProperties: false,
      examples: [EXAMPLE],
    },
    [nameOf('Entity')]: presentedEntity(parts),
  }
}

function presentedEntity(parts: JsonSchema): JsonSchema {
  const properties = { entity_name: ENTITY_NAME, ...parts, unique: UNIQUE, ...STAMPS }
  return {
    type: 'object',
    description: 'An entity in force',
    properties: { ...properties, warnings: WARNINGS },
    required: Object.keys(properties),
  }
}

function oneOf(role: Role, description: string, nameOf: ToName): JsonSchema {
  return {
    description,
    oneOf: fieldTypes.map((type) => openApiSchema(withNested(type, fieldGrammar(type, role), nameOf))),
  }
}

function withNested(type: FieldType, grammar: JsonSchema, nameOf: ToName): JsonSchema {
  const properties = { ...(grammar.properties as Record<string, JsonSchema>) }
  for (const [option, kind] of Object.entries(type.nested ?? {})) {
    const known = properties[option]
    properties[option] =
      kind === 'field'
        ? refer(nameOf(COMPONENTS.item))
        : { ...known, items: refer(nameOf(COMPONENTS.member)) }
  }
  return { ...grammar, properties }
}
