// What the documentation says of the entity routes. Definitions are read by their own closed grammar, which names
// every mistake; what stands here describes it.
import type { FastifySchema } from 'fastify'
import { fieldTypes } from '../lib/fields/index.ts'

const name = { type: 'string', description: 'Lower case, digits and underscores', examples: ['student'] }
const text = { type: ['string', 'null'] }

const field = {
  type: 'object',
  required: ['name', 'type'],
  additionalProperties: true,
  description: 'Beside these, the options of its type',
  properties: {
    name: { type: 'string', examples: ['age'] },
    type: { type: 'string', enum: fieldTypes.map((type) => type.name) },
    required: { type: 'boolean' },
    unique: { type: 'boolean' },
    indexed: { type: 'boolean' },
    default: { description: 'Stored when the field is left out' },
    description: { type: 'string' },
    label: { type: 'string' },
    group: { type: 'string' },
    ui: { type: 'object', additionalProperties: true, description: 'Hints for a user interface' },
  },
}

const properties = {
  entity_name: name,
  label: text,
  description: text,
  fields: { type: 'array', items: field },
  unique: {
    type: 'array',
    items: { type: 'array', items: { type: 'string' } },
    description: 'Lists of fields whose values may occur together only once',
  },
}

const definition = {
  type: 'object',
  description: 'The definition',
  properties: {
    ...properties,
    version: { type: 'integer' },
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time' },
  },
}

const student = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string', required: true },
    { name: 'age', type: 'integer', min: 0 },
  ],
}

/** Described, not enforced: the grammar itself refuses, with every violation at once. */
const body = { description: 'The definition', properties, examples: [student] }

const params = { type: 'object', required: ['entity'], properties: { entity: name } }
const tags = ['Schemas']

/** By method and path, as in the route table. */
export const schemaDocs: Readonly<Record<string, FastifySchema>> = {
  'POST /schemas/': {
    tags,
    operationId: 'createEntity',
    summary: 'Describe a new entity',
    description: 'Its records can be created in the very next request.',
    body,
    response: { 201: definition },
    refusals: ['invalidDefinition', 'entityExists'],
  },
  'GET /schemas/': {
    tags,
    operationId: 'listEntities',
    summary: 'List the entities',
    response: { 200: { type: 'array', items: definition, description: 'By name' } },
  },
  'GET /schemas/:entity': {
    tags,
    operationId: 'getEntity',
    summary: 'Get the definition of an entity',
    params,
    response: { 200: definition },
    refusals: ['entityNotFound'],
  },
  'PUT /schemas/:entity': {
    tags,
    operationId: 'replaceEntity',
    summary: 'Replace the definition of an entity',
    description: 'Refused when existing records do not satisfy the new definition; then nothing has changed.',
    params,
    body,
    response: { 200: definition },
    refusals: ['invalidDefinition', 'entityNotFound', 'recordsViolate', 'schemaChanged'],
  },
  'DELETE /schemas/:entity': {
    tags,
    operationId: 'deleteEntity',
    summary: 'Delete an entity with all its records',
    params,
    response: { 204: { type: 'null', description: 'It is gone' } },
    refusals: ['entityNotFound', 'entityReferenced', 'schemaChanged'],
  },
  'GET /schemas/:entity/json-schema': {
    tags,
    operationId: 'getJsonSchema',
    summary: 'Get the JSON Schema of a record',
    params,
    response: { 200: { type: 'object', additionalProperties: true, description: 'JSON Schema 2020-12' } },
    refusals: ['entityNotFound'],
  },
}
