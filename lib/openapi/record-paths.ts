// The operations on records: written once here, for the wildcard routes as an anonymous reader sees them and for each
// entity of a caller's tenant. A test holds them to the routes that exist.

import type { ErrorName } from '../errors.ts'
import { SIGNED_IN } from './document.ts'
import { component, type Operation, type PathItem, type Paths, type Reference } from './reference.ts'
import { impliedRefusals } from './refusals.ts'

/** One entity, or the pattern of all. */
export interface RecordApi {
  /** First segment of the paths. */
  segment: string
  tag: string
  record: Reference
  /** Body of a new record, and of a replacement. */
  create: Reference
  patch: Reference
  /** The query parameters that filter. */
  filters: Reference[]
  /** What every path takes beside its own parameters. */
  parameters: Reference[]
}

const parameters = (...names: string[]) => names.map((name) => component('parameters', name))
const json = (schema: object) => ({ 'application/json': { schema } })
const oneOrMany = (one: object) => ({ oneOf: [one, { type: 'array', items: one }] })
const header = (name: string) => component('headers', name)

const QUERY_REFUSALS: ErrorName[] = ['malformedQuery', 'unknownField', 'invalidValue', 'operatorNotAllowed']
const CONFLICTS: ErrorName[] = ['uniqueConflict', 'referenceConflict']
const CHANGE_REFUSALS: ErrorName[] = ['recordNotFound', 'forbidden', ...CONFLICTS, 'preconditionFailed']

type Rest = Pick<Operation, 'responses'> & Partial<Operation>

function operation({ tag }: RecordApi, name: string, summary: string, rest: Rest): Operation {
  const implied = impliedRefusals('user', { body: rest.requestBody !== undefined, parameters: false })
  return {
    operationId: `${name}_${tag.toLowerCase()}`,
    tags: [tag],
    summary,
    security: SIGNED_IN,
    'x-access': 'user',
    ...rest,
    'x-refusals': [...implied, 'entityNotFound', ...(rest['x-refusals'] ?? [])],
  }
}

function list(api: RecordApi): Operation {
  return operation(api, 'list', 'List records', {
    description: 'A page of the records that pass every filter, oldest first.',
    parameters: [
      ...api.filters,
      ...parameters('And', 'Or', 'Select', 'Order', 'Limit', 'Offset', 'Cursor', 'PreferCount'),
    ],
    responses: {
      206: {
        description: 'A page of more records, when they were counted',
        headers: { 'Content-Range': header('ContentRange') },
        content: json({ type: 'array', items: api.record }),
      },
      200: {
        description: 'A page of records',
        headers: { 'Content-Range': header('ContentRange'), Link: header('Link') },
        content: json({ type: 'array', items: api.record }),
      },
    },
    'x-refusals': [...QUERY_REFUSALS, 'pageOutOfRange', 'notSingular', 'unknownPreference', 'notAcceptable'],
  })
}

function create(api: RecordApi): Operation {
  return operation(api, 'create', 'Create a record, or several', {
    description: 'An array is stored as a whole or not at all; a refusal names every bad row.',
    parameters: parameters('Select', 'Columns', 'OnConflict', 'PreferCreate'),
    requestBody: { required: true, content: json(oneOrMany(api.create)) },
    responses: {
      200: {
        description: 'An upsert has created nothing new',
        content: json({ type: 'array', items: api.record }),
      },
      207: {
        description: 'With `bulk=partial`: what became of each row',
        content: json({ type: 'array', items: OUTCOME }),
      },
      201: {
        description: 'What is stored now',
        headers: { ETag: header('ETag'), Location: header('Location') },
        content: json(oneOrMany(api.record)),
      },
    },
    'x-refusals': [
      ...CONFLICTS,
      'malformedQuery',
      'unknownField',
      'unknownPreference',
      'notSingular',
      'notAcceptable',
    ],
  })
}

/** Of one row under `bulk=partial`. */
const OUTCOME = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { type: 'integer', description: 'As if the row had been sent alone' },
    record: { type: 'object', description: 'What is stored, with status 201' },
    errors: {
      type: 'array',
      items: { type: 'object' },
      description: 'Every violation, with any other status',
    },
  },
}

const MANY_REFUSALS: ErrorName[] = [
  ...QUERY_REFUSALS,
  'filterRequired',
  'maxAffectedExceeded',
  'unknownPreference',
  'notSingular',
  'notAcceptable',
]

const theRecords = ({ record }: RecordApi) => ({
  200: {
    description: 'The records, with `return=representation`',
    headers: { 'Preference-Applied': header('PreferenceApplied') },
    content: json({ type: 'array', items: record }),
  },
  204: { description: 'It is done' },
})

function patchMatching(api: RecordApi): Operation {
  return operation(api, 'patchMatching', 'Change all records that pass the filters', {
    description: 'All or none of them. Without a filter it is refused.',
    parameters: [...api.filters, ...parameters('And', 'Or', 'Select', 'PreferChange')],
    requestBody: { required: true, content: json(api.patch) },
    responses: theRecords(api),
    'x-refusals': [...MANY_REFUSALS, ...CONFLICTS],
  })
}

function deleteMatching(api: RecordApi): Operation {
  return operation(api, 'deleteMatching', 'Delete all records that pass the filters', {
    description: 'All or none of them. Without a filter it is refused.',
    parameters: [...api.filters, ...parameters('And', 'Or', 'Select', 'PreferChange')],
    responses: theRecords(api),
    'x-refusals': [...MANY_REFUSALS, 'referenceConflict', 'cascadeTooLarge'],
  })
}

const theRecord = ({ record }: RecordApi) => ({
  200: { description: 'The record', headers: { ETag: header('ETag') }, content: json(record) },
})

function get(api: RecordApi): Operation {
  return operation(api, 'get', 'Get a record', {
    parameters: parameters('IfNoneMatch'),
    responses: {
      ...theRecord(api),
      304: { description: 'Your copy is still good', headers: { ETag: header('ETag') } },
    },
    'x-refusals': ['recordNotFound'],
  })
}

function replace(api: RecordApi): Operation {
  return operation(api, 'replace', 'Replace a record', {
    description: 'A field that is left out takes its default, or is unset.',
    parameters: parameters('IfMatch'),
    requestBody: { required: true, content: json(api.create) },
    responses: theRecord(api),
    'x-refusals': CHANGE_REFUSALS,
  })
}

function patch(api: RecordApi): Operation {
  return operation(api, 'patch', 'Change fields of a record', {
    description:
      'The named fields are set, null unsets; json, object and array values are replaced as a whole.',
    parameters: parameters('IfMatch'),
    requestBody: { required: true, content: json(api.patch) },
    responses: theRecord(api),
    'x-refusals': CHANGE_REFUSALS,
  })
}

function remove(api: RecordApi): Operation {
  return operation(api, 'delete', 'Delete a record', {
    parameters: parameters('IfMatch'),
    responses: { 204: { description: 'It is gone' } },
    'x-refusals': [
      'recordNotFound',
      'forbidden',
      'referenceConflict',
      'cascadeTooLarge',
      'preconditionFailed',
    ],
  })
}

/** The operations on the records of an entity. */
export function recordPaths(api: RecordApi): Paths {
  const collection: PathItem = {
    get: list(api),
    post: create(api),
    patch: patchMatching(api),
    delete: deleteMatching(api),
  }
  const record: PathItem = { get: get(api), put: replace(api), patch: patch(api), delete: remove(api) }
  const shared = api.parameters
  return {
    [`/${api.segment}/`]: shared.length === 0 ? collection : { parameters: shared, ...collection },
    [`/${api.segment}/{id}`]: { parameters: [...shared, ...parameters('RecordId')], ...record },
  }
}
