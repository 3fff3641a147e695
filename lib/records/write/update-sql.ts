// The statements that change records. A blind change takes the touched fields out of the document and puts the new ones
// in, so that whatever else it holds (a dropped field's value) stays; rows that were read first are written whole.
// No row comes back for a record that is missing or guarded.

import { Parameters } from '../../db/parameters.ts'
import { countedPart, isCounted } from '../../db/quota-counters.ts'
import type { Statement } from '../../db/statement.ts'
import { conditionSql } from '../../query/sql/condition.ts'
import { Row } from '../../query/sql/row.ts'
import { misfitParts, sharedMisfitParts } from './misfit-sql.ts'
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
  /** The keys that are set or unset: of the fields, and of other forms of their values. */
  touched: readonly string[]
  /** Those of them that hold links. */
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
  const touched = p.add(change.touched)
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
  const update = `update record as r set ${set} where ${where(p)} returning`
  const misfits = sharedMisfitParts(change.misfits, p)
  if (misfits.length === 0) return { text: `${update} ${answerColumns('r', context, p)}`, values: p.values }
  const parts = [`r as (${update} r.*)`, ...misfits]
  return {
    text: `with ${parts.join(', ')} select ${answerColumns('r', context, p)} from r`,
    values: p.values,
  }
}

/** As updateWhere; answers with the number of records alone. */
export function countedUpdate(context: WriteContext, change: RecordChange, where: Where): Statement {
  const p = new Parameters()
  const set = assignments(context, change, p)
  const update = `update record as r set ${set} where ${where(p)} returning`
  const misfits = sharedMisfitParts(change.misfits, p)
  const r = misfits.length === 0 ? 'r.id' : 'r.id, r.tenant_id, r.entity_id'
  const text = `with ${[`r as (${update} ${r})`, ...misfits].join(', ')}
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
  const parts = [
    `r as (update record as r set ${assignments(context, change, p)}
      where ${whereRecord(context, id, guard, p)} returning r.*)`,
    `gone as (${deleteLinks(change.touchedLinks, [row], p)})`,
    `added as (${insertLinks(context, [row], p)})`,
    ...misfitParts([row], p),
  ]
  const text = `with ${parts.join(',\n    ')}
    select ${answerColumns('r', context, p)} from r`
  return { text, values: p.values }
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
  const parts = [
    `r as (update record as r set ${set}, ${stamp(context, p)}
      from jsonb_to_recordset(${p.add(JSON.stringify(documents))}::jsonb) as d(${types})
      where r.tenant_id = ${p.add(context.scope.id)} and r.entity_id = ${p.add(context.entity.id)} and r.id = d.id
      returning r.*)`,
    `gone as (${deleteLinks(touchedLinks, rows, p)})`,
    `added as (${insertLinks(context, rows, p)})`,
    ...misfitParts(rows, p),
  ]
  const text = `with ${parts.join(',\n    ')}
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
  if (!isCounted(context.scope, 'records'))
    return { text: `${remove} ${answerColumns('r', context, p)}`, values: p.values }
  const counted = countedPart(context.scope, 'records', 'select -count(*) from r', p)
  const answer = answerColumns('r', context, p)
  return { text: `with r as (${remove} r.*), ${counted} select ${answer} from r, counted`, values: p.values }
}

/** As deleteWhere; answers with the number of records alone. */
export function countedDelete({ scope }: WriteScope, where: Where): Statement {
  const p = new Parameters()
  const parts = [`r as (delete from record as r where ${where(p)} returning r.id)`]
  const isLimited = isCounted(scope, 'records')
  if (isLimited) parts.push(countedPart(scope, 'records', 'select -count(*) from r', p))
  const text = `with ${parts.join(', ')} select (select count(*) from r)::text as count${isLimited ? ' from counted' : ''}`
  return { text, values: p.values }
}
