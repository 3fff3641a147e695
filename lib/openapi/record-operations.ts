// The operations on one record: get, replace, change, delete.
import type { ErrorName } from '../errors.ts'
import { CONFLICTS, header, json, operation, parameters, type RecordApi } from './record-api.ts'
import type { Operation, PathItem } from './reference.ts'

const CHANGE_REFUSALS: ErrorName[] = ['recordNotFound', 'forbidden', ...CONFLICTS, 'preconditionFailed']

/** Refusals of what `select` and `Prefer` ask for. */
const SELECT_REFUSALS: ErrorName[] = [
  'malformedQuery',
  'unknownField',
  'unknownRelation',
  'ambiguousRelation',
  'unknownPreference',
  'notAcceptable',
]

/** Refusals of `as_of`. */
export const AS_OF_REFUSALS: ErrorName[] = ['historyOff', 'historyBeginsLater', 'asOfTooCostly']

const theRecord = ({ record }: RecordApi) => ({
  200: { description: 'The record', headers: { ETag: header('ETag') }, content: json(record) },
})

const theChanged = (api: RecordApi) => ({
  ...theRecord(api),
  204: { description: 'Changed, with `return=minimal`', headers: { ETag: header('ETag') } },
})

function get(api: RecordApi): Operation {
  return operation(api, 'get', 'Get a record', {
    parameters: parameters('Select', 'AsOf', 'IfMatch', 'IfNoneMatch', 'Explain', 'ExplainAs'),
    responses: {
      ...theRecord(api),
      304: { description: 'The caller’s copy is current', headers: { ETag: header('ETag') } },
    },
    'x-refusals': [
      ...SELECT_REFUSALS,
      'recordNotFound',
      'preconditionFailed',
      'unknownSubject',
      ...AS_OF_REFUSALS,
    ],
  })
}

function replace(api: RecordApi): Operation {
  return operation(api, 'replace', 'Replace a record', {
    description:
      'A field that is left out takes its default or is unset; one that the caller may not write keeps its value.',
    parameters: parameters('Select', 'Columns', 'IfMatch', 'PreferOne'),
    requestBody: { required: true, content: json(api.create) },
    responses: theChanged(api),
    'x-refusals': [...SELECT_REFUSALS, ...CHANGE_REFUSALS],
  })
}

function patch(api: RecordApi): Operation {
  return operation(api, 'patch', 'Change fields of a record', {
    description:
      'The given fields are set, null unsets one; json, object and array values are replaced as a whole.',
    parameters: parameters('Select', 'Columns', 'IfMatch', 'PreferOne'),
    requestBody: { required: true, content: json(api.patch) },
    responses: theChanged(api),
    'x-refusals': [...SELECT_REFUSALS, ...CHANGE_REFUSALS],
  })
}

function remove(api: RecordApi): Operation {
  return operation(api, 'delete', 'Delete a record', {
    parameters: parameters('Select', 'IfMatch', 'PreferOne'),
    responses: {
      200: {
        description: 'The record as it was, with `return=representation`',
        headers: { ETag: header('ETag') },
        content: json(api.record),
      },
      204: { description: 'Deleted' },
    },
    'x-refusals': [
      ...SELECT_REFUSALS,
      'recordNotFound',
      'forbidden',
      'referenceConflict',
      'cascadeTooLarge',
      'preconditionFailed',
    ],
  })
}

export function recordOperations(api: RecordApi): PathItem {
  return { get: get(api), put: replace(api), patch: patch(api), delete: remove(api) }
}
