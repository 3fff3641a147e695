// What the operations on the records of every entity share: parameters, headers, and the schemas that stand for an
// entity's own ones as long as no entity is named.
import { X_TENANT } from './document.ts'

const text = { type: 'string' }

const count = { type: 'integer', minimum: 0 }

function query(name: string, description: string, schema: object = text) {
  return { name, in: 'query', description, schema }
}

function header(name: string, description: string) {
  return { name, in: 'header', description, schema: text }
}

/** By component name. */
export const RECORD_PARAMETERS = {
  RecordId: { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
  Entity: { name: 'entity', in: 'path', required: true, description: 'Name of an entity', schema: text },
  Filters: {
    ...query('filters', 'Any field as `field=operator.value`, such as `age=gte.18` or `name=not.is.null`.'),
    style: 'form',
    explode: true,
    schema: { type: 'object', additionalProperties: text },
  },
  And: query('and', 'All of these: `(age.gte.18,age.lt.65)`. Nests, also as `not.and`.'),
  Or: query('or', 'Any of these: `(age.lt.18,age.gte.65)`. Nests, also as `not.or`.'),
  Select: query(
    'select',
    'What is wanted: `id,name,years:age,age::text`; of related entities too, by field or by entity name: `name,course(title)`; ' +
      'or grouped: `course,count(),age.avg()`.',
  ),
  Order: query('order', 'By which fields: `name.asc,age.desc.nullslast`. Without it: oldest first.'),
  Limit: query('limit', 'Size of the page.', count),
  Offset: query('offset', 'Records to skip. `cursor` stays fast on any page.', count),
  Cursor: query('cursor', 'Where the page begins, from the `Link` of the page before; not with `offset`.'),
  Range: header('Range', 'Which records, as `limit` and `offset`: `0-9`, `10-`.'),
  Columns: query('columns', 'Only these members of the body are taken: `name,age`.'),
  OnConflict: query(
    'on_conflict',
    'The fields of the unique constraint that an upsert goes by: `email`; else the id.',
  ),
  PreferCount: header(
    'Prefer',
    '`count=exact`, `count=planned` or `count=estimated` adds the total to Content-Range; `sign=3600` signs the `url` of files.',
  ),
  PreferCreate: header(
    'Prefer',
    '`return=representation`, `minimal` or `headers-only`; `resolution=merge-duplicates` or `ignore-duplicates` (upsert); ' +
      '`bulk=partial`; `tx=rollback`; `count=exact`; `sign=3600`.',
  ),
  PreferChange: header(
    'Prefer',
    '`return=representation` or `minimal`; `max-affected=10`; `tx=rollback`; `count=exact`; `sign=3600`.',
  ),
  PreferOne: header(
    'Prefer',
    '`return=representation`, `minimal` or `headers-only`; `tx=rollback`; `sign=3600`.',
  ),
  Tenant: header('X-Tenant', X_TENANT.description),
  IfMatch: header('If-Match', 'Only if the record still has this `ETag`, else 412.'),
  IfNoneMatch: header('If-None-Match', 'Your copy has this `ETag`: 304 if it is still good.'),
}

/** By component name. */
export const RECORD_HEADERS = {
  ETag: { description: 'State of the record, for If-Match and If-None-Match.', schema: text },
  Location: { description: 'Path of the new record.', schema: text },
  ContentRange: { description: 'Which records these are: `0-99/*`, or `*/*` for none.', schema: text },
  PreferenceApplied: { description: 'The preferences that were followed.', schema: text },
  Link: { description: 'The next page: `<..>; rel="next"`; absent on the last one.', schema: text },
}

const timestamp = { type: 'string', format: 'date-time' }

/** By component name; an entity's own schemas take their place. */
export const RECORD_SCHEMAS = {
  Record: {
    type: 'object',
    description: 'Every readable field, null when unset, between the id and who changed it when.',
    required: ['id', 'created_at', 'updated_at'],
    properties: { id: { type: 'string', format: 'uuid' }, created_at: timestamp, updated_at: timestamp },
    additionalProperties: true,
  },
  NewRecord: { type: 'object', description: 'The fields of the record.', additionalProperties: true },
  Csv: {
    type: 'string',
    description:
      'A line of names, then a line for each record. Null is an empty cell without quotes; lists and objects are JSON.',
    examples: ['name,age\nAlice,20\n'],
  },
  Ndjson: {
    type: 'string',
    description: 'A record in JSON on each line.',
    examples: ['{"name":"Alice","age":20}\n'],
  },
  RecordChanges: {
    type: 'object',
    description: 'The fields to change; null unsets.',
    additionalProperties: true,
  },
}
