// The statements that change records. A blind change takes the touched fields out of the document and puts the new ones
// in, so that whatever else it holds (a dropped field's value) stays; rows that were read first are written whole.
// No row comes back for a record that is missing or guarded.

import { Parameters } from '../../db/parameters.ts'
import type { Statement } from '../../db/statement.ts'
import { FILES } from '../../entities/entity.ts'
import { targetsFiles } from '../../entities/references.ts'
import { conditionSql } from '../../query/sql/condition.ts'
import { releaseFiles } from '../../query/sql/file-release.ts'
import { Row } from '../../query/sql/row.ts'
import { isLogged, lockedPart, updatedPart, withOld } from './log-sql.ts'
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

interface UpdateParts {
  /** Before the update. */
  old: string[]
  /** Up to what it returns, in two halves. */
  update: readonly [set: string, where: string]
  /** What it returns to the parts after it. */
  columns: string
  /** After it. */
  more: string[]
}

/** What a statement changes: records by a condition, which the transaction has locked, or one by its id. */
interface Picked {
  where: Where
  /** The record that the condition is of; absent: they are locked. */
  id?: string
}

/** The same change of all records that are picked, in a form that logs it where the entity asks for that. */
function updateParts(
  context: WriteContext,
  change: RecordChange,
  picked: Picked,
  p: Parameters,
): UpdateParts {
  const set = assignments(context, change, p)
  const where = picked.where(p)
  const more = sharedMisfitParts(change.misfits, p)
  const plain = [`update record as r set ${set}`, `where ${where} returning`] as const
  const columns = 'r.*'
  if (!isLogged(context) || change.touched.length === 0) return { old: [], update: plain, columns, more }
  const { touched } = change
  const from = picked.id === undefined ? 'o' : 'r'
  const logged = [...more, updatedPart(context, { touched, from }, p)]
  if (picked.id === undefined) return { old: [lockedPart(where)], update: plain, columns, more: logged }
  const { source, condition, columns: withOlds } = withOld(context, picked.id, p)
  const update = [`update record as r set ${set}${source}`, `where ${where}${condition} returning`] as const
  return { old: [], update, columns: withOlds, more: logged }
}

const ownedBy = ({ scope, entity }: WriteScope, p: Parameters) =>
  `r.tenant_id = ${p.add(scope.id)} and r.entity_id = ${p.add(entity.id)}`

/** Changes every record that the condition picks in the same way, all of them locked; one that touches links is written by id. */
export function updateWhere(context: WriteContext, change: RecordChange, where: Where): Statement {
  return updatePicked(context, change, { where })
}

function updatePicked(context: WriteContext, change: RecordChange, picked: Picked): Statement {
  const p = new Parameters()
  const { old, update, columns, more } = updateParts(context, change, picked, p)
  if (more.length === 0)
    return { text: `${update.join(' ')} ${answerColumns('r', context, p)}`, values: p.values }
  const parts = [...old, `r as (${update.join(' ')} ${columns})`, ...more]
  return {
    text: `with ${parts.join(', ')} select ${answerColumns('r', context, p)} from r`,
    values: p.values,
  }
}

/** As updateWhere, for records that nobody has locked and whose changes are not logged; answers with their number alone. */
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

const withoutMisfits = ({ misfits: _, ...change }: RecordChange): RecordChange => change

/** Changes one record; none comes back also where its changes are logged and another writer has been quicker. */
export function updateStatement(
  context: WriteContext,
  id: string,
  change: RecordChange,
  guard: Guard,
): Statement {
  const picked: Picked = { where: (p) => whereRecord(context, id, guard, p), id }
  if (change.touchedLinks.length === 0) return updatePicked(context, change, picked)
  const p = new Parameters()
  const row = { ...change, id }
  const { old, update, columns, more } = updateParts(context, withoutMisfits(change), picked, p)
  const parts = [
    ...old,
    `r as (${update.join('\n      ')} ${columns})`,
    goneParts(context, change.touchedLinks, [row], p),
    `added as (${insertLinks(context, [row], p)})`,
    ...misfitParts([row], p),
    ...more,
  ]
  const text = `with ${parts.join(',\n    ')}
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
  const parts = [
    `r as (update record as r set ${set}, ${stamp(context, p)}
      from jsonb_to_recordset(${p.add(JSON.stringify(documents))}::jsonb) as d(${types})
      where r.tenant_id = ${p.add(context.scope.id)} and r.entity_id = ${p.add(context.entity.id)} and r.id = d.id
      returning r.*)`,
    goneParts(context, touchedLinks, rows, p),
    `added as (${insertLinks(context, rows, p)})`,
    ...misfitParts(rows, p),
    ...rewrittenParts(context, rows, p),
  ]
  const text = `with ${parts.join(',\n    ')}
    select ${answerColumns('r', context, p)} from r`
  return { text, values: p.values }
}

/** Logs records that are written whole, where the entity asks for that. */
function rewrittenParts(context: WriteContext, rows: readonly NewRecord[], p: Parameters): string[] {
  if (!isLogged(context)) return []
  const touched = new Set(rows.flatMap(({ touched, data }) => touched ?? Object.keys(data)))
  const ids = `${ownedBy(context, p)} and r.id = any(${p.add(rows.map(({ id }) => id))}::uuid[])`
  return [lockedPart(ids), updatedPart(context, { touched: [...touched], from: 'o' }, p)]
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
