// The statements that change records. A blind change takes the touched fields out of the document and puts the new ones
// in, so that whatever else it holds (a dropped field's value) stays; rows that were read first are written whole.
// No row comes back for a record that is missing or guarded.

import { Parameters } from '../../db/parameters.ts'
import { countedPart, isCounted } from '../../db/quota-counters.ts'
import type { Statement } from '../../db/statement.ts'
import { FILES } from '../../entities/entity.ts'
import { mayLinkFiles, targetsFiles } from '../../entities/references.ts'
import { conditionSql } from '../../query/sql/condition.ts'
import { releaseFiles } from '../../query/sql/file-release.ts'
import { Row } from '../../query/sql/row.ts'
import {
  answerColumns,
  deleteLinks,
  type Guard,
  insertLinks,
  type NewRecord,
  type StoredColumns,
  type WriteContext,
  type WriteScope,
} from './written-row.ts'

/** New values for some of a record's fields; a touched field that has no value is unset. */
export interface RecordChange extends StoredColumns {
  /** Keys of the fields that are set or unset. */
  touched: readonly string[]
  /** Keys under which earlier forms of their values stay; these go. */
  former: readonly string[]
  /** Those of all these that hold links. */
  touchedLinks: readonly string[]
}

/** SQL of the condition on the row `r`. */
export type Where = (parameters: Parameters) => string

/** The condition that picks one record, if the guard lets it. */
export function whereRecord(context: WriteScope, id: string, guard: Guard, p: Parameters): string {
  const { scope, entity } = context
  const conditions = [
    `r.tenant_id = ${p.add(scope.id)} and r.entity_id = ${p.add(entity.id)} and r.id = ${p.add(id)}`,
    guard.versions && `r.version = any(${p.add(guard.versions)}::int[])`,
    guard.rule && conditionSql(guard.rule, new Row(p)),
  ]
  return conditions.filter(Boolean).join(' and ')
}

function stamp(context: WriteScope, p: Parameters): string {
  return `version = r.version + 1, updated_at = greatest(now(), r.updated_at, r.created_at), updated_by = ${p.add(context.author)}`
}

function assignments(context: WriteScope, change: RecordChange, p: Parameters): string {
  // Nothing is named, nothing changes: neither the version nor who has changed it last.
  if (change.touched.length === 0) return 'version = r.version'
  const touched = p.add([...change.touched, ...change.former])
  const slots = Object.entries(change.slots).map(([slot, text]) => `${slot} = ${p.add(text)}`)
  return [
    `data = (r.data - ${touched}::text[]) || ${p.add(JSON.stringify(change.data))}::jsonb`,
    `keys = (r.keys - ${touched}::text[]) || ${p.add(JSON.stringify(change.keys))}::jsonb`,
    ...slots,
    stamp(context, p),
  ].join(', ')
}

/** Changes every record that the condition picks in the same way; one that touches links must be written by id. */
export function updateWhere(context: WriteContext, change: RecordChange, where: Where): Statement {
  const p = new Parameters()
  const set = assignments(context, change, p)
  const text = `update record as r set ${set} where ${where(p)} returning ${answerColumns('r', context, p)}`
  return { text, values: p.values }
}

/** As updateWhere; answers with the number of records alone. */
export function countedUpdate(context: WriteContext, change: RecordChange, where: Where): Statement {
  const p = new Parameters()
  const set = assignments(context, change, p)
  const text = `with r as (update record as r set ${set} where ${where(p)} returning r.id)
    select count(*)::text as count from r`
  return { text, values: p.values }
}

/** Changes one record. */
export function updateStatement(
  context: WriteContext,
  id: string,
  change: RecordChange,
  guard: Guard,
): Statement {
  if (change.touchedLinks.length === 0)
    return updateWhere(context, change, (p) => whereRecord(context, id, guard, p))
  const p = new Parameters()
  const row = { ...change, id }
  const text = `with r as (update record as r set ${assignments(context, change, p)}
      where ${whereRecord(context, id, guard, p)} returning r.*),
    ${goneParts(context, change.touchedLinks, [row], p)},
    added as (${insertLinks(context, [row], p)})
    select ${answerColumns('r', context, p)} from r`
  return { text, values: p.values }
}

/** The links that the records have no longer, and what that says of files. */
function goneParts(
  { scope, entity }: WriteScope,
  touched: readonly string[],
  rows: readonly NewRecord[],
  p: Parameters,
): string {
  const gone = `gone as (${deleteLinks(touched, rows, p)}`
  if (!targetsFiles({ fields: entity.fields.filter(({ key }) => touched.includes(key)) })) return `${gone})`
  const released = releaseFiles(p.add(scope.id), `select to_id from gone where to_entity = ${FILES}`)
  return `${gone} returning link.to_entity, link.to_id), released as (${released})`
}

/** Writes the columns of records that the transaction has read and locked; all have the same slots. */
export function rewriteStatement(
  context: WriteContext,
  rows: readonly NewRecord[],
  touchedLinks: readonly string[],
): Statement {
  const p = new Parameters()
  const slots = Object.keys(rows[0]?.slots ?? {})
  const documents = rows.map(({ id, data, keys, slots }) => ({ id, data, keys, ...slots }))
  const set = ['data', 'keys', ...slots].map((name) => `${name} = d.${name}`).join(', ')
  const types = ['id uuid', 'data jsonb', 'keys jsonb', ...slots.map((name) => `${name} text`)].join(', ')
  const text = `with r as (update record as r set ${set}, ${stamp(context, p)}
      from jsonb_to_recordset(${p.add(JSON.stringify(documents))}::jsonb) as d(${types})
      where r.tenant_id = ${p.add(context.scope.id)} and r.entity_id = ${p.add(context.entity.id)} and r.id = d.id
      returning r.*),
    ${goneParts(context, touchedLinks, rows, p)},
    added as (${insertLinks(context, rows, p)})
    select ${answerColumns('r', context, p)} from r`
  return { text, values: p.values }
}

/** Records as they are, in the columns of an answer. */
export function answerStatement(context: WriteContext, rows: readonly Pick<NewRecord, 'id'>[]): Statement {
  const p = new Parameters()
  const { scope, entity } = context
  const text = `select ${answerColumns('r', context, p)} from record r
    where r.tenant_id = ${p.add(scope.id)} and r.entity_id = ${p.add(entity.id)}
      and r.id = any(${p.add(rows.map(({ id }) => id))}::uuid[])`
  return { text, values: p.values }
}

/** Deletes the records that the condition picks, with their own links. PostgreSQL refuses (23503) while others link to one. */
export function deleteWhere(context: WriteContext, where: Where): Statement {
  const p = new Parameters()
  const remove = `delete from record as r where ${where(p)} returning`
  const { parts, sources } = deletionParts(context, p)
  if (parts.length === 0) return { text: `${remove} ${answerColumns('r', context, p)}`, values: p.values }
  const answer = answerColumns('r', context, p)
  return {
    text: `with r as (${remove} r.*), ${parts.join(', ')} select ${answer} from ${sources.join(', ')}`,
    values: p.values,
  }
}

/** What else a deletion of the part `r` does, and what its answer has to be read from. */
function deletionParts({ scope, entity }: WriteScope, p: Parameters): { parts: string[]; sources: string[] } {
  const parts: string[] = []
  const sources = ['r']
  if (mayLinkFiles(entity)) {
    const [tenant, from] = [`${p.add(scope.id)}::uuid`, p.add(entity.id)]
    const held = `select l.to_id from link l join r on l.from_id = r.id
      where l.tenant_id = ${tenant} and l.from_entity = ${from} and l.to_entity = ${FILES}`
    parts.push(`released as (${releaseFiles(tenant, held)})`)
  }
  if (isCounted(scope, 'records')) {
    parts.push(countedPart(scope, 'records', 'select -count(*) from r', p))
    sources.push('counted')
  }
  return { parts, sources }
}

/** As deleteWhere; answers with the number of records alone. */
export function countedDelete(context: WriteScope, where: Where): Statement {
  const p = new Parameters()
  const remove = `r as (delete from record as r where ${where(p)} returning r.id)`
  const { parts, sources } = deletionParts(context, p)
  const from = sources.includes('counted') ? ' from counted' : ''
  const text = `with ${[remove, ...parts].join(', ')} select (select count(*) from r)::text as count${from}`
  return { text, values: p.values }
}
