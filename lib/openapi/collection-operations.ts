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

/** The outcome of one row under `bulk=partial`. */
const OUTCOME = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { type: 'integer', description: 'The status that the row would have if it were sent alone' },
    record: { type: 'object', description: 'The stored record, with status 201' },
    errors: {
      type: 'array',
      items: { type: 'object' },
      description: 'Every violation, with other statuses',
    },
  },
}

const OUTCOMES = {
  description: 'With `bulk=partial`: what became of each row',
  content: json({ type: 'array', items: OUTCOME }),
}

/** A row of a PATCH with an array. */
const ROW_CHANGE = {
  type: 'object',
  description: 'The `id` of the record, or the fields of `on_conflict`, and the fields to change.',
  properties: { id: { type: 'string', format: 'uuid' } },
  additionalProperties: true,
}

const oneOrMany = (one: object) => ({ oneOf: [one, { type: 'array', items: one }] })

const theRecords = ({ record }: RecordApi) => ({
  200: {
    description: 'The records, with `return=representation`',
    headers: { 'Preference-Applied': header('PreferenceApplied') },
    content: records(record),
  },
  204: { description: 'Done; nothing is returned' },
})

function list(api: RecordApi): Operation {
  return operation(api, 'list', 'List records', {
    description:
      'A page of the records that match every filter, oldest first; as CSV or NDJSON all of them, unless `limit` is given. ' +
      'Any operator can be negated: `age=not.eq.18`.',
    parameters: [
      ...api.filters,
      ...parameters(
        'And',
        'Or',
        'Select',
        'Order',
        'Limit',
        'Offset',
        'Cursor',
        'AsOf',
        'Range',
        'PreferCount',
      ),
      ...parameters('Explain', 'ExplainAs'),
    ],
    responses: {
      206: {
        description: 'A page of records of which there are more, with `Prefer: count=...`',
        headers: { 'Content-Range': header('ContentRange'), Link: header('Link') },
        content: records(api.record),
      },
      200: {
        description: 'A page of records',
        headers: { 'Content-Range': header('ContentRange'), Link: header('Link') },
        content: records(api.record),
      },
    },
    'x-refusals': [
      ...QUERY_REFUSALS,
      'pageOutOfRange',
      'notSingular',
      'unknownPreference',
      'notAcceptable',
      'unknownSubject',
    ],
  })
}

function create(api: RecordApi): Operation {
  return operation(api, 'create', 'Create a record, or several', {
    description:
      'An array, CSV or NDJSON is stored as a whole or not at all; a refusal names every bad row: ' +
      'its place in the array, from 0, or its line in the file, from 1.',
    parameters: parameters('Select', 'Columns', 'OnConflict', 'PreferCreate'),
    requestBody: { required: true, content: { ...json(oneOrMany(api.create)), ...FILES } },
    responses: {
      200: {
        description: 'The records of a merge that has created none',
        content: { ...json(oneOrMany(api.record)), ...FILES },
      },
      204: {
        description: 'With `resolution=ignore-duplicates`: the one record of the body exists already',
      },
      207: OUTCOMES,
      201: {
        description: 'The stored records',
        headers: { ETag: header('ETag'), Location: header('Location') },
        content: { ...json(oneOrMany(api.record)), ...FILES },
      },
    },
    'x-refusals': [
      ...CONFLICTS,
      'tooManyRows',
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
  return operation(api, 'patchMatching', 'Change all records that match the filters, or each by its id', {
    description:
      'An object changes all records that match the filters; without a filter it is refused. An array, which takes no filter, ' +
      'changes the record of each row. All or none of them, unless `bulk=partial` is preferred.',
    parameters: [
      ...api.filters,
      ...parameters('And', 'Or', 'Select', 'Columns', 'OnConflict', 'PreferChange'),
    ],
    requestBody: {
      required: true,
      content: json({ oneOf: [api.patch, { type: 'array', items: ROW_CHANGE }] }),
    },
    responses: { ...theRecords(api), 207: OUTCOMES },
    'x-refusals': [...MANY_REFUSALS, 'recordsNotFound', 'rowNotAllowed', 'tooManyRows', ...CONFLICTS],
  })
}

function deleteMatching(api: RecordApi): Operation {
  return operation(api, 'deleteMatching', 'Delete all records that match the filters', {
    description: 'All of them or none. A filter is required.',
    parameters: [...api.filters, ...parameters('And', 'Or', 'Select', 'PreferChange')],
    responses: theRecords(api),
    'x-refusals': [...MANY_REFUSALS, 'referenceConflict', 'cascadeTooLarge'],
  })
}

/** A list whose query string is in the body. */
export function query(api: RecordApi): PathItem {
  const { responses, 'x-refusals': ofList = [] } = list(api)
  // A body asks for no explanation.
  const refusals = ofList.filter((name) => name !== 'unknownSubject')
  const post = operation(api, 'query', 'List records by a query in the body', {
    description:
      'As the list, with its query string as a form in the body, for a query that is too long for a URL. `Link` is the URL of ' +
      'the next page, which is requested with the same body.',
    parameters: parameters('Cursor', 'PreferCount'),
    requestBody: { content: FORM },
    responses,
    'x-refusals': refusals,
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
