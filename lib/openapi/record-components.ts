// What the operations on the records of every entity share: parameters, headers, and the schemas that stand for an
// entity's own ones as long as no entity is named.
import { X_TENANT } from './document.ts'
import { REPEATED } from './filter-parameter.ts'

const text = { type: 'string' }

const count = { type: 'integer', minimum: 0 }

function query(name: string, description: string, schema: object = text) {
  return { name, in: 'query', description, schema }
}

function conditions(name: string, description: string, example: string) {
  return { ...query(name, description), ...REPEATED, example: [example] }
}

function header(name: string, description: string) {
  return { name, in: 'header', description, schema: text }
}

/** By component name. */
export const RECORD_PARAMETERS = {
  RecordId: { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
  Entity: { name: 'entity', in: 'path', required: true, description: 'Name of an entity', schema: text },
  Filters: {
    ...query(
      'filters',
      'Any field as `field=operator.value`, such as `age=gte.18` or `name=not.is.null`; a field may be repeated.',
    ),
    style: 'form',
    explode: true,
    schema: { type: 'object', additionalProperties: text },
    example: { age: 'gte.18' },
  },
  And: conditions(
    'and',
    'All of these: `(age.gte.18,age.lt.65)`. Nests, also as `not.and`.',
    '(id.not.is.null,created_at.gte.2024-02-29)',
  ),
  Or: conditions(
    'or',
    'Any of these: `(age.lt.18,age.gte.65)`. Nests, also as `not.or`.',
    '(id.is.null,created_at.gte.2024-02-29)',
  ),
  Select: query(
    'select',
    'What is returned: `id,name,years:age,age::text`; of related records too, by field or by entity name: `name,course(title)`; ' +
      'or grouped: `course,count(),age.avg()`.',
  ),
  Order: query('order', 'Fields to order by: `name.asc,age.desc.nullslast`. Default: oldest first.'),
  Limit: query('limit', 'Largest number of records on the page.', count),
  Offset: query('offset', 'Number of records to skip. `cursor` stays fast on any page.', count),
  Cursor: query('cursor', 'Start of the page, from the `Link` of the previous page; not with `offset`.'),
  PageCursor: query('cursor', 'Start of the page, from the `Link` of the previous page.'),
  After: query('after', 'The cursor of the last change that is known.'),
  AsOf: query(
    'as_of',
    'Reads as of this time, `2026-01-01T00:00:00Z`, where history is kept; without embedding.',
  ),
  Range: header('Range', 'The records of the page, in place of `limit` and `offset`: `0-9`, `10-`.'),
  Columns: query('columns', 'The members of the body that are used: `name,age`. Others are ignored.'),
  OnConflict: query(
    'on_conflict',
    'The fields of the unique constraint by which rows find their records: `email`. Default: the id.',
  ),
  Explain: {
    ...query(
      'explain',
      'Instead of what is asked for: why it is shown or not, and what may be done with it. Takes `as`, and in a list filters.',
    ),
    schema: { type: 'string', enum: ['access'] },
  },
  ExplainAs: query(
    'as',
    'Beside `explain`, for admins: whose access is explained, `user:alice` or `role:clerk`.',
  ),
  PreferCount: header(
    'Prefer',
    '`count=exact`, `count=planned` or `count=estimated` adds the total to Content-Range; `sign=3600` signs the `url` of files.',
  ),
  PreferCreate: header(
    'Prefer',
    '`return=representation`, `minimal` or `headers-only`; `resolution=merge-duplicates` or `ignore-duplicates` (upsert); ' +
      '`bulk=partial`; `tx=rollback`; `count=exact`; `system-fields=keep` (admins); `sign=3600`.',
  ),
  PreferChange: header(
    'Prefer',
    '`return=representation` or `minimal`; `max-affected=10`; `tx=rollback`; `count=exact`; `sign=3600`; with an array `bulk=partial`.',
  ),
  PreferOne: header(
    'Prefer',
    '`return=representation`, `minimal` or `headers-only`; `tx=rollback`; `sign=3600`.',
  ),
  Tenant: header('X-Tenant', X_TENANT.description),
  IfMatch: header('If-Match', 'The `ETag` that the record must have; otherwise 412.'),
  IfNoneMatch: header('If-None-Match', 'The `ETag` of the caller’s copy; 304 if it is current.'),
}

/** By component name. */
export const RECORD_HEADERS = {
  ETag: { description: 'The version of the record, for If-Match and If-None-Match.', schema: text },
  Location: { description: 'Path of the new record.', schema: text },
  ContentRange: { description: 'The position of these records: `0-99/*`, or `*/*` for none.', schema: text },
  PreferenceApplied: { description: 'The preferences that were applied.', schema: text },
  Link: { description: 'The next page: `<..>; rel="next"`; absent on the last one.', schema: text },
}

const timestamp = { type: 'string', format: 'date-time' }

/** By component name; an entity's own schemas take their place. */
export const RECORD_SCHEMAS = {
  Record: {
    type: 'object',
    description:
      'The id, every readable field (null when unset), and when and by whom it was created and changed.',
    required: ['id', 'created_at', 'updated_at'],
    properties: { id: { type: 'string', format: 'uuid' }, created_at: timestamp, updated_at: timestamp },
    additionalProperties: true,
  },
  NewRecord: { type: 'object', description: 'The fields of the record.', additionalProperties: true },
  Csv: {
    type: 'string',
    description:
      'A line of field names, then a line for each record. Null is an empty cell without quotes; lists and objects are JSON.',
    examples: ['name,age\nAlice,20\n'],
  },
  Ndjson: {
    type: 'string',
    description: 'A JSON object on each line, one for each record.',
    examples: ['{"name":"Alice","age":20}\n'],
  },
  RecordChanges: {
    type: 'object',
    description: 'The fields to change; null unsets.',
    additionalProperties: true,
  },
}
