// The statement that changes one record: the touched fields are taken out of the document and the new ones put in, so
// that whatever else it holds (a dropped field's value) stays. No row comes back when the record is missing or guarded.
import { Parameters } from '../postgres/parameters.ts'
import type { Statement } from '../postgres/queryable.ts'
import { answerColumns, type Guard, insertLinks, type StoredColumns, type WriteContext } from './write.ts'

/** New values for some of a record's fields; a touched field that has no value is unset. */
export interface RecordChange extends StoredColumns {
  /** Keys of the fields that are set or unset. */
  touched: readonly string[]
  /** Those of them that hold links. */
  touchedLinks: readonly string[]
}

/** The condition that picks one record, if the guard lets it. */
export function whereRecord(context: WriteContext, id: string, guard: Guard, p: Parameters): string {
  const { scope, entity } = context
  const conditions = [
    `r.tenant_id = ${p.add(scope.id)} and r.entity_id = ${p.add(entity.id)} and r.id = ${p.add(id)}`,
    guard.versions && `r.version = any(${p.add(guard.versions)}::int[])`,
    guard.owner && `r.created_by = ${p.add(guard.owner)}`,
  ]
  return conditions.filter(Boolean).join(' and ')
}

function assignments(context: WriteContext, change: RecordChange, p: Parameters): string {
  const touched = p.add(change.touched)
  const slots = Object.entries(change.slots).map(([slot, text]) => `${slot} = ${p.add(text)}`)
  return [
    `data = (r.data - ${touched}::text[]) || ${p.add(JSON.stringify(change.data))}::jsonb`,
    `keys = (r.keys - ${touched}::text[]) || ${p.add(JSON.stringify(change.keys))}::jsonb`,
    ...slots,
    `version = r.version + 1, updated_at = now(), updated_by = ${p.add(context.author)}`,
  ].join(', ')
}

export function updateStatement(
  context: WriteContext,
  id: string,
  change: RecordChange,
  guard: Guard,
): Statement {
  const p = new Parameters()
  const update = `update record as r set ${assignments(context, change, p)}
    where ${whereRecord(context, id, guard, p)} returning`
  if (change.touchedLinks.length === 0) {
    return { text: `${update} ${answerColumns('r', context, p)}`, values: p.values }
  }
  const links = change.links.map(({ field, toId }) => ({ field, t: toId }))
  const gone = `delete from link using r
    where link.tenant_id = r.tenant_id and link.from_entity = r.entity_id and link.from_id = r.id
      and link.field = any(${p.add(change.touchedLinks)}::text[])
      and not exists (select from jsonb_to_recordset(${p.add(JSON.stringify(links))}::jsonb) as l(field text, t uuid)
        where l.field = link.field and l.t = link.to_id)`
  const added = insertLinks(context, [{ ...change, id }], p)
  const text = `with r as (${update} r.*), g as (${gone}), l as (${added}) select ${answerColumns('r', context, p)} from r`
  return { text, values: p.values }
}

/** Deletes one record, its own links with it. PostgreSQL refuses (23503) while other records link to it. */
export function deleteStatement(context: WriteContext, id: string, guard: Guard): Statement {
  const p = new Parameters()
  const where = whereRecord(context, id, guard, p)
  return {
    text: `delete from record as r where ${where} returning ${answerColumns('r', context, p)}`,
    values: p.values,
  }
}
