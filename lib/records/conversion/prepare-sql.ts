// The statement that adds what is prepared to existing records. It makes no version of them: nobody sees it yet.
import { Parameters } from '../../db/parameters.ts'
import type { Statement } from '../../db/statement.ts'
import { checkedMisfitParts } from '../write/misfit-sql.ts'
import { deleteLinks, insertLinks, type NewRecord, type WriteScope } from '../write/written-row.ts'

/** What of the records is written. */
export interface PreparedColumns {
  /** Keys of `data` and `keys`. */
  own: readonly string[]
  /** Those of them that may have links. */
  linked: readonly string[]
  slots: readonly string[]
}

/** @param rows records that the transaction has locked */
export function prepareStatement(
  context: WriteScope,
  rows: readonly NewRecord[],
  { own, linked, slots }: PreparedColumns,
): Statement {
  const p = new Parameters()
  const documents = rows.map(({ id, data, keys, slots }) => ({ id, data, keys, ...slots }))
  const types = ['id uuid', 'data jsonb', 'keys jsonb', ...slots.map((name) => `${name} text`)].join(', ')
  const gone = p.add(own)
  const set = [
    `data = (r.data - ${gone}::text[]) || d.data`,
    `keys = (r.keys - ${gone}::text[]) || d.keys`,
    ...slots.map((name) => `${name} = d.${name}`),
  ]
  const parts = [
    `r as (update record as r set ${set.join(', ')}
      from jsonb_to_recordset(${p.add(JSON.stringify(documents))}::jsonb) as d(${types})
      where r.tenant_id = ${p.add(context.scope.id)} and r.entity_id = ${p.add(context.entity.id)} and r.id = d.id
      returning r.tenant_id, r.entity_id, r.id)`,
    ...(linked.length === 0
      ? []
      : [`gone as (${deleteLinks(linked, rows, p)})`, `added as (${insertLinks(context, rows, p)})`]),
    ...checkedMisfitParts(rows, p),
  ]
  return { text: `with ${parts.join(',\n    ')} select count(*)::text from r`, values: p.values }
}

/** Lists the misfits of records that stay as they are, and no others of theirs. */
export function misfitStatement(context: WriteScope, rows: readonly NewRecord[]): Statement | undefined {
  const p = new Parameters()
  const listed = p.add(rows.map(({ id }) => id))
  const r = `r as (select r.tenant_id, r.entity_id, r.id from record r
    where r.tenant_id = ${p.add(context.scope.id)} and r.entity_id = ${p.add(context.entity.id)} and r.id = any(${listed}::uuid[]))`
  const parts = checkedMisfitParts(rows, p)
  if (parts.length === 0) return undefined
  return { text: `with ${[r, ...parts].join(',\n    ')} select count(*)::text from r`, values: p.values }
}
