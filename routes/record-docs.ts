// What the documentation says of the wildcard routes; signed in, a caller sees the same of each entity by name.
import type { FastifySchema } from 'fastify'

const entity = { type: 'string', description: 'Name of an entity of yours', examples: ['student'] }
const id = {
  type: 'string',
  description: 'Id of a record',
  examples: ['01980000-0000-7000-8000-000000000000'],
}
const ofEntity = { type: 'object', required: ['entity'], properties: { entity } }
const ofRecord = { type: 'object', required: ['entity', 'id'], properties: { entity, id } }

const record = {
  type: 'object',
  additionalProperties: true,
  description: 'A record: its id, its fields, who and when',
}
const body = { type: 'object', description: 'The fields of the record' }
const bodies = { description: 'The fields of a record, or a list of records', type: ['object', 'array'] }

const tags = ['Records']

/** By method and path, as in the route table. */
export const recordDocs: Readonly<Record<string, FastifySchema>> = {
  'GET /:entity': {
    tags,
    operationId: 'listRecords',
    summary: 'List records',
    description:
      'Filters, select, order, limit, offset and cursor are query parameters. `Link` holds the next page.',
    params: ofEntity,
    response: { 200: { type: 'array', items: record, description: 'A page, oldest first' } },
    refusals: ['entityNotFound', 'malformedQuery', 'unknownField', 'invalidValue', 'operatorNotAllowed'],
  },
  'POST /:entity': {
    tags,
    operationId: 'createRecords',
    summary: 'Create a record, or a list of records',
    description: 'A list is stored as a whole or not at all.',
    params: ofEntity,
    body: bodies,
    response: {
      201: { description: 'What was stored', type: ['object', 'array'], additionalProperties: true },
    },
    refusals: ['entityNotFound', 'uniqueConflict', 'referenceConflict'],
  },
  'GET /:entity/:id': {
    tags,
    operationId: 'getRecord',
    summary: 'Get a record',
    params: ofRecord,
    response: {
      200: record,
      304: { type: 'null', description: 'The copy that If-None-Match names is still good' },
    },
    refusals: ['entityNotFound', 'recordNotFound'],
  },
  'PUT /:entity/:id': {
    tags,
    operationId: 'replaceRecord',
    summary: 'Replace a record',
    description: 'A field that is left out has its default, or is unset.',
    params: ofRecord,
    body,
    response: { 200: record },
    refusals: [
      'entityNotFound',
      'recordNotFound',
      'forbidden',
      'uniqueConflict',
      'referenceConflict',
      'preconditionFailed',
    ],
  },
  'PATCH /:entity/:id': {
    tags,
    operationId: 'changeRecord',
    summary: 'Change some fields of a record',
    description:
      'The named fields are set, null unsets; json, object and array values are replaced as a whole.',
    params: ofRecord,
    body,
    response: { 200: record },
    refusals: [
      'entityNotFound',
      'recordNotFound',
      'forbidden',
      'uniqueConflict',
      'referenceConflict',
      'preconditionFailed',
    ],
  },
  'DELETE /:entity/:id': {
    tags,
    operationId: 'deleteRecord',
    summary: 'Delete a record',
    params: ofRecord,
    response: { 204: { type: 'null', description: 'It is gone' } },
    refusals: [
      'entityNotFound',
      'recordNotFound',
      'forbidden',
      'referenceConflict',
      'preconditionFailed',
      'cascadeTooLarge',
    ],
  },
}
