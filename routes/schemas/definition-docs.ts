// What the documentation says of the entity routes. Definitions are read by their own closed grammar, which names
// every mistake; the documentation takes their shape from there.
import type { FastifySchema } from 'fastify'

const name = { type: 'string', description: 'Lower case, digits and underscores', examples: ['student'] }

const definition = { type: 'object', additionalProperties: true, description: 'The definition' }

const isGood = { type: 'null', description: 'Your copy is still good' }

const jsonSchema = {
  description: 'JSON Schema 2020-12',
  content: { 'application/schema+json': { schema: { type: 'object', additionalProperties: true } } },
}

const condition = (name: string, description: string) => ({
  type: 'object',
  properties: { [name]: { type: 'string', description } },
})

const ifMatch = condition('If-Match', 'The `ETag` that you have read: 412 if it has changed since.')

const ifNoneMatch = condition('If-None-Match', 'Your copy has this `ETag`: 304 if it is still good.')

const params = { type: 'object', required: ['entity'], properties: { entity: name } }

const tags = ['Schemas']

/** By method and path, as in the route table. */
export const schemaDocs: Readonly<Record<string, FastifySchema>> = {
  'POST /schemas/': {
    tags,
    operationId: 'createEntity',
    summary: 'Describe a new entity',
    description: 'Its records can be created in the very next request.',
    body: definition,
    response: { 201: definition },
    refusals: ['invalidDefinition', 'entityExists', 'quotaExceeded'],
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
    headers: ifNoneMatch,
    response: { 200: definition, 304: isGood },
    refusals: ['entityNotFound'],
  },
  'PUT /schemas/:entity': {
    tags,
    operationId: 'replaceEntity',
    summary: 'Replace the definition of an entity',
    description: 'Refused when existing records do not satisfy the new definition; then nothing has changed.',
    params,
    headers: ifMatch,
    body: definition,
    response: { 200: definition },
    refusals: ['invalidDefinition', 'entityNotFound', 'recordsViolate', 'schemaChanged', 'quotaExceeded'],
  },
  'DELETE /schemas/:entity': {
    tags,
    operationId: 'deleteEntity',
    summary: 'Delete an entity with all its records',
    params,
    headers: ifMatch,
    response: { 204: { type: 'null', description: 'It is gone' } },
    refusals: ['entityNotFound', 'entityReferenced', 'schemaChanged'],
  },
  'GET /schemas/:entity/json-schema': {
    tags,
    operationId: 'getJsonSchema',
    summary: 'Get the JSON Schema of a record',
    params,
    headers: ifNoneMatch,
    response: { 200: jsonSchema, 304: isGood },
    refusals: ['entityNotFound'],
  },
}
