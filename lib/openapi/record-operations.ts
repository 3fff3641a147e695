// The operations on one record: get, replace, change, delete.
import type { ErrorName } from '../errors.ts'
import { CONFLICTS, header, json, operation, parameters, type RecordApi } from './record-api.ts'
import type { Operation, PathItem } from './reference.ts'

const CHANGE_REFUSALS: ErrorName[] = ['recordNotFound', 'forbidden', ...CONFLICTS, 'preconditionFailed']

const theRecord = ({ record }: RecordApi) => ({
  200: { description: 'The record', headers: { ETag: header('ETag') }, content: json(record) },
})

function get(api: RecordApi): Operation {
  return operation(api, 'get', 'Get a record', {
    parameters: parameters('IfMatch', 'IfNoneMatch'),
    responses: {
      ...theRecord(api),
      304: { description: 'Your copy is still good', headers: { ETag: header('ETag') } },
    },
    'x-refusals': ['recordNotFound', 'preconditionFailed'],
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

export function recordOperations(api: RecordApi): PathItem {
  return { get: get(api), put: replace(api), patch: patch(api), delete: remove(api) }
}
