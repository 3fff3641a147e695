// The operations on the collection of an entity's records: list, create, and change or delete by filter.
import type { ErrorName } from '../errors.ts'
import {
  CONFLICTS,
  FILES,
  header,
  json,
  operation,
  parameters,
  type RecordApi,
  records,
} from './record-api.ts'
import type { Operation, PathItem } from './reference.ts'

const FILTER_REFUSALS: ErrorName[] = ['malformedQuery', 'unknownField', 'invalidValue', 'operatorNotAllowed']

const QUERY_REFUSALS: ErrorName[] = [
  ...FILTER_REFUSALS,
  'patternTooCostly',
  'unknownRelation',
  'ambiguousRelation',
  'notEmbedded',
]

const MANY_REFUSALS: ErrorName[] = [
  ...QUERY_REFUSALS,
  'filterRequired',
  'maxAffectedExceeded',
  'unknownPreference',
  'notSingular',
  'notAcceptable',
]

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

const oneOrMany = (one: object) => ({ oneOf: [one, { type: 'array', items: one }] })

const theRecords = ({ record }: RecordApi) => ({
  200: {
    description: 'The records, with `return=representation`',
    headers: { 'Preference-Applied': header('PreferenceApplied') },
    content: records(record),
  },
  204: { description: 'It is done' },
})

function list(api: RecordApi): Operation {
  return operation(api, 'list', 'List records', {
    description:
      'A page of the records that pass every filter, oldest first; as CSV or NDJSON all of them, unless `limit` is given. ' +
      'Any operator can be negated: `age=not.eq.18`.',
    parameters: [
      ...api.filters,
      ...parameters('And', 'Or', 'Select', 'Order', 'Limit', 'Offset', 'Cursor', 'Range', 'PreferCount'),
    ],
    responses: {
      206: {
        description: 'The same, when `Prefer: count` has found that there are more',
        headers: { 'Content-Range': header('ContentRange'), Link: header('Link') },
        content: records(api.record),
      },
      200: {
        description: 'A page of records',
        headers: { 'Content-Range': header('ContentRange'), Link: header('Link') },
        content: records(api.record),
      },
    },
    'x-refusals': [...QUERY_REFUSALS, 'pageOutOfRange', 'notSingular', 'unknownPreference', 'notAcceptable'],
  })
}

function create(api: RecordApi): Operation {
  return operation(api, 'create', 'Create a record, or several', {
    description:
      'An array, CSV or NDJSON is stored as a whole or not at all; a refusal names every bad row, from 0.',
    parameters: parameters('Select', 'Columns', 'OnConflict', 'PreferCreate'),
    requestBody: { required: true, content: { ...json(oneOrMany(api.create)), ...FILES } },
    responses: {
      200: {
        description: 'A merge has created nothing new',
        content: { ...json(oneOrMany(api.record)), ...FILES },
      },
      204: {
        description: 'With `resolution=ignore-duplicates`: the one record of the body is there already',
      },
      207: {
        description: 'With `bulk=partial`: what became of each row',
        content: json({ type: 'array', items: OUTCOME }),
      },
      201: {
        description: 'What is stored now',
        headers: { ETag: header('ETag'), Location: header('Location') },
        content: { ...json(oneOrMany(api.record)), ...FILES },
      },
    },
    'x-refusals': [
      ...CONFLICTS,
      'quotaExceeded',
      'malformedQuery',
      'unknownField',
      'unknownPreference',
      'notSingular',
      'notAcceptable',
    ],
  })
}

function patchMatching(api: RecordApi): Operation {
  return operation(api, 'patchMatching', 'Change all records that pass the filters', {
    description: 'All or none of them. Without a filter it is refused.',
    parameters: [...api.filters, ...parameters('And', 'Or', 'Select', 'Columns', 'PreferChange')],
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

/** A list whose query string is in the body. */
export function query(api: RecordApi): PathItem {
  const { responses, 'x-refusals': refusals } = list(api)
  const post = operation(api, 'query', 'List records by a query in the body', {
    description:
      'As the list, with its query string as a form in the body, for a query that is too long for a URL. `Link` is the URL of ' +
      'the next page, which is requested with the same body.',
    parameters: parameters('Cursor', 'PreferCount'),
    requestBody: { content: FORM },
    responses,
    'x-refusals': refusals ?? [],
  })
  return { post }
}

const FORM = {
  'application/x-www-form-urlencoded': {
    schema: {
      type: 'object',
      description: 'The parameters of the list, filters among them',
      properties: Object.fromEntries(
        ['select', 'order', 'limit', 'offset', 'and', 'or'].map((name) => [name, { type: 'string' }]),
      ),
      additionalProperties: { type: 'string' },
    },
    example: { select: 'id', limit: '10' },
  },
}

export function collectionOperations(api: RecordApi): PathItem {
  return { get: list(api), post: create(api), patch: patchMatching(api), delete: deleteMatching(api) }
}
