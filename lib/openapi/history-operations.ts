// The operations on the log of an entity: the history of a record, the trash, the way back, and the changes of all records.
import { SIGNED_IN } from './document.ts'
import { header, json, operation, parameters, type RecordApi } from './record-api.ts'
import type { Operation, Paths } from './reference.ts'

const time = { type: 'string', format: 'date-time' }

const uuid = { type: 'string', format: 'uuid' }

const version = {
  type: 'integer',
  minimum: 1,
  description: 'Of the record; absent for callers who may not read every field',
}

const ENTRY = {
  type: 'object',
  required: ['at', 'op', 'schema_version', 'changes'],
  properties: {
    version,
    at: time,
    by: { type: ['object', 'null'], properties: { id: uuid, username: { type: ['string', 'null'] } } },
    op: { enum: ['insert', 'update', 'delete', 'restore'] },
    schema_version: { type: 'integer', description: 'The version of the definition at that time' },
    changes: {
      type: 'object',
      description:
        'By field: the value before and after. `old` is absent where the record could not be seen.',
      additionalProperties: { type: 'object', properties: { old: {}, new: {} } },
    },
  },
}

const change = ({ record }: RecordApi) => ({
  type: 'object',
  required: ['cursor', 'op', 'id', 'at', 'record'],
  properties: {
    cursor: { type: 'string', description: 'The place after this change, for `after`' },
    op: { enum: ['insert', 'update', 'delete', 'enter', 'leave'] },
    id: uuid,
    version,
    at: time,
    record: { oneOf: [record, { type: 'null' }], description: 'As the write has left it' },
  },
})

const listOf = (description: string, items: object) => ({
  200: { description, headers: { Link: header('Link') }, content: json({ type: 'array', items }) },
})

const PAGE = parameters('Limit', 'PageCursor')

function history(api: RecordApi): Operation {
  return operation(api, 'history', 'List the changes of a record', {
    description:
      'Newest first, also of a deleted record: what each write has changed of the readable fields.',
    parameters: PAGE,
    responses: listOf('What each write has changed', ENTRY),
    'x-refusals': ['recordNotFound', 'historyOff', 'asOfTooCostly', 'invalidParameter'],
  })
}

function restore(api: RecordApi): Operation {
  const properties = {
    version: {
      type: 'integer',
      minimum: 1,
      description: 'Of a record that is there: the version to go back to',
    },
    with: { enum: ['cascade'], description: 'Brings back all that was deleted in the same transaction' },
  }
  return operation(api, 'restore', 'Bring a deleted record back, or set one back', {
    description:
      'An ordinary write: references to what is gone become null, as the header Univera-Warning says.',
    parameters: parameters('IfMatch'),
    requestBody: { content: json({ type: ['object', 'null'], properties, additionalProperties: false }) },
    responses: {
      200: { description: 'The record, set back', content: json(api.record) },
      201: {
        description: 'The record, back',
        headers: { Location: header('Location') },
        content: json(api.record),
      },
    },
    'x-refusals': [
      'recordNotFound',
      'versionNotFound',
      'recordExists',
      'historyOff',
      'forbidden',
      'rowNotAllowed',
      'uniqueConflict',
      'referenceConflict',
      'cascadeTooLarge',
      'quotaExceeded',
      'preconditionFailed',
    ],
  })
}

function erase(api: RecordApi): Operation {
  return operation(api, 'erase', 'Erase the history of a record', {
    description: 'For good; the record itself stays.',
    'x-access': 'admin',
    security: SIGNED_IN,
    responses: { 204: { description: 'Erased' } },
    'x-refusals': ['recordNotFound', 'forbidden'],
  })
}

function trash(api: RecordApi): Operation {
  const deleted = { deleted_at: time, deleted_by: { type: ['string', 'null'], format: 'uuid' } }
  const item = { allOf: [api.record, { type: 'object', properties: deleted }] }
  return operation(api, 'trash', 'List deleted records', {
    description: 'Last deleted first: those that the caller could have deleted, as they were.',
    parameters: PAGE,
    responses: listOf('The deleted records', item),
    'x-refusals': ['historyOff', 'forbidden', 'invalidParameter'],
  })
}

function changes(api: RecordApi): Operation {
  return operation(api, 'changes', 'Follow the changes of the records', {
    description:
      'Those after a cursor, in the order in which they were made; `Link` leads on. Without `after`: none, and the cursor of now.',
    parameters: parameters('After', 'Limit'),
    responses: listOf('The changes', change(api)),
    'x-refusals': ['feedOff', 'cursorExpired', 'asOfTooCostly', 'invalidParameter'],
  })
}

/** The paths, as far as the entity logs anything. */
export function historyPaths(api: RecordApi): Paths {
  const { segment, parameters: shared, logs } = api
  const record = { parameters: [...shared, ...parameters('RecordId')] }
  const collection = shared.length === 0 ? {} : { parameters: shared }
  return {
    ...(logs.history
      ? {
          [`/${segment}/trash`]: { ...collection, get: trash(api) },
          [`/${segment}/{id}/history`]: { ...record, get: history(api), delete: erase(api) },
          [`/${segment}/{id}/restore`]: { ...record, post: restore(api) },
        }
      : {}),
    ...(logs.feed ? { [`/${segment}/changes`]: { ...collection, get: changes(api) } } : {}),
  }
}
