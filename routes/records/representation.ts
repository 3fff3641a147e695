// The forms of records in an answer: parses Accept to one of those that the route has, and sends records in it.

import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { chooseType } from '../../lib/http/accept.ts'
import type { GroupOutput } from '../../lib/query/plan/level-plan.ts'
import {
  type Form,
  type RecordText,
  recordText,
  renderRecords,
  stripNulls,
} from '../../lib/records/format/record-text.ts'
import type { StoredRecord } from '../../lib/records/read/read-store.ts'
import { JSON_TYPE } from '../query-request.ts'

/** PostgREST's media types for exactly one record, and for a list whose nulls may be left out. */
const OBJECT_TYPE = 'application/vnd.pgrst.object+json'

const ARRAY_TYPE = 'application/vnd.pgrst.array+json'

export const CSV_TYPE = 'text/csv'

export const NDJSON_TYPE = 'application/x-ndjson'

const FORMS: Readonly<Record<string, Form | 'object'>> = {
  'application/json': 'list',
  [OBJECT_TYPE]: 'object',
  [ARRAY_TYPE]: 'list',
  [CSV_TYPE]: 'csv',
  [NDJSON_TYPE]: 'ndjson',
}

const OFFERED = {
  record: ['application/json', OBJECT_TYPE],
  files: ['application/json', OBJECT_TYPE, ARRAY_TYPE],
  list: Object.keys(FORMS),
}

export interface Representation {
  form: Form | 'object'
  /** For the Content-Type header. */
  contentType: string
  /** Whether members that are null are left out. */
  stripped: boolean
}

/** Plain JSON: a record, or a list of them. */
export const JSON_REPRESENTATION: Representation = { form: 'list', contentType: JSON_TYPE, stripped: false }

/**
 * Parses an Accept header; errors.notAcceptable.
 *
 * @param of a list is also sent as CSV and as lines of JSON
 */
export function parseAccept(accept: string | undefined, of: keyof typeof OFFERED): Representation {
  if (accept === undefined) return JSON_REPRESENTATION
  const { type, parameters } = chooseType(accept, OFFERED[of])
  const form = FORMS[type] ?? 'list'
  const stripped = type.startsWith('application/vnd.pgrst.') && parameters.includes('nulls=stripped')
  return { form, stripped, contentType: `${type}${stripped ? ';nulls=stripped' : ''}; charset=utf-8` }
}

/** The writer of several records; one object is written as the only element of a list is. */
export function textOf({ form, stripped }: Representation, outputs: readonly GroupOutput[]): RecordText {
  return recordText(form === 'object' ? 'list' : form, outputs, stripped)
}

/** Sends one record with its entity tag. */
export function sendRecord(
  reply: FastifyReply,
  { json, etag }: StoredRecord,
  { form, stripped, contentType }: Representation,
) {
  reply.header('etag', etag).type(form === 'object' ? contentType : JSON_TYPE)
  return reply.send(stripped ? stripNulls(json) : json)
}

/** Sends records; errors.notSingular when one object was asked for and there are more, or none. */
export function sendRecords(
  reply: FastifyReply,
  records: readonly string[],
  representation: Representation,
  outputs: readonly GroupOutput[] = [],
) {
  const { form, stripped, contentType } = representation
  reply.type(contentType)
  if (form !== 'object') {
    const text = renderRecords(textOf(representation, outputs), records)
    return typeof text === 'string' ? reply.send(text) : text.then((whole) => reply.send(whole))
  }
  const [record] = records
  if (record === undefined || records.length > 1) throw errors.notSingular(records.length)
  return reply.send(stripped ? stripNulls(record) : record)
}
