// The JSON Schemas of an entity's records: what may be sent (create, replace, patch) and what comes back (record).
// The same objects validate and document, so they are made once per entity version and frozen: caches go by identity.
import type { Entity } from '../../entities/entity.ts'
import { describeField, nullable } from '../../fields/describe.ts'
import type { Field, JsonSchema } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { annotated } from './annotations.ts'
import { mapSchema } from './map-schema.ts'
import { portableSchema } from './portable-schema.ts'

/** What a schema is made of: an entity, or one with only the fields that a caller may use. */
export type Described = Pick<Entity, 'name' | 'label' | 'description' | 'fields' | 'aliases'>

export interface RecordSchemas {
  /** POST: what has a default may be left out. */
  create: JsonSchema
  /** PUT: a record as if it were created. */
  replace: JsonSchema
  /** PATCH: any of the fields; null unsets one that is not required. */
  patch: JsonSchema
  /** A record in an answer. */
  record: JsonSchema
}

const instant = { type: 'string', format: 'date-time', readOnly: true }

const account = { type: ['string', 'null'], format: 'uuid', readOnly: true }

const ID = { id: { type: 'string', format: 'uuid', readOnly: true, description: 'Made by the server' } }

const STAMPS = {
  created_at: { ...instant, description: 'When it was created' },
  updated_at: { ...instant, description: 'When it was last changed' },
  created_by: { ...account, description: 'id of the user who created it' },
  updated_by: { ...account, description: 'id of the user who last changed it' },
}

/**
 * The schemas of one entity version, each made when it is first asked for; keep them as long as the version is in force.
 *
 * @param visible the entity as records show it, when that is not as they are sent
 */
export function recordSchemas(entity: Described, visible = entity): RecordSchemas {
  const made: Partial<RecordSchemas> = {}
  return {
    get create() {
      made.create ??= deepFreeze(wholeSchema(entity))
      return made.create
    },
    get replace() {
      return this.create
    },
    get patch() {
      made.patch ??= deepFreeze(patchSchema(entity))
      return made.patch
    },
    get record() {
      made.record ??= deepFreeze(recordSchema(visible))
      return made.record
    },
  }
}

function inputSchema(entity: Described, properties: Record<string, JsonSchema>): JsonSchema {
  const about = { type: 'object', title: entity.name, ...describeEntity(entity) }
  return { ...about, properties, additionalProperties: false }
}

function wholeSchema(entity: Described): JsonSchema {
  const required = entity.fields.filter((field) => field.required && field.default === undefined)
  return { ...inputSchema(entity, describeFields(entity.fields)), required: names(required) }
}

function patchSchema(entity: Described): JsonSchema {
  const properties = Object.entries(describeFields(entity.fields))
  return inputSchema(entity, Object.fromEntries(properties.map(([name, one]) => [name, undefaulted(one)])))
}

/** What a published schema describes: a record in an answer, the body of a POST or PUT, or that of a PATCH. */
export const PURPOSES = ['record', 'create', 'update'] as const

export type Purpose = (typeof PURPOSES)[number]

const MAKE: Readonly<Record<Purpose, (entity: Described) => JsonSchema>> = {
  record: recordSchema,
  create: wholeSchema,
  update: patchSchema,
}

/**
 * JSON Schema 2020-12 of an entity's records, for use by any validator or form.
 *
 * @param annotations whether its properties have `x-univera`, which validators refuse in strict mode
 */
export function jsonSchema(entity: Described, purpose: Purpose = 'record', annotations = false): JsonSchema {
  const schema = mapSchema(portableSchema(MAKE[purpose](entity)), typed)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...(annotations ? annotated(schema, entity.fields) : schema),
    title: entity.label ?? entity.name,
    additionalProperties: false,
  }
}

const ANY_TYPE = ['object', 'array', 'string', 'number', 'boolean', 'null']

/** Forms choose an input by the type, so a schema of any JSON lists them all. */
function typed(schema: JsonSchema): JsonSchema {
  const isAny = !['type', 'enum', 'const', 'oneOf', 'anyOf', 'allOf', '$ref'].some((key) => key in schema)
  return isAny ? { type: ANY_TYPE, ...schema } : schema
}

function recordSchema(entity: Described): JsonSchema {
  const properties = { ...ID, ...describeFields(entity.fields), ...describeAliases(entity), ...STAMPS }
  const title = entity.label ?? entity.name
  return { type: 'object', title, ...describeEntity(entity), properties, required: Object.keys(properties) }
}

function describeFields(fields: readonly Field[]): Record<string, JsonSchema> {
  return Object.fromEntries(
    fields.map((field) => {
      const schema = describeField(field, typeOf(field.type))
      return [field.name, field.required ? schema : nullable(schema)]
    }),
  )
}

/** The former names, which whole records hold beside the present ones. */
function describeAliases({ fields, aliases = [] }: Described): Record<string, JsonSchema> {
  const found = aliases.flatMap(({ name, key, until }) => {
    const field = fields.find((one) => one.key === key)
    return field === undefined
      ? []
      : [{ ...field, name, description: `Former name of ${field.name}, until ${until}` }]
  })
  const described = Object.entries(describeFields(found))
  return Object.fromEntries(described.map(([name, schema]) => [name, { ...schema, deprecated: true }]))
}

function describeEntity({ description }: Described): JsonSchema {
  return description === null ? {} : { description }
}

function names(fields: readonly Field[]): string[] {
  return fields.map((field) => field.name)
}

function undefaulted({ default: _, ...schema }: JsonSchema): JsonSchema {
  return schema
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
