// The statement that inserts records with their links and answers with what was stored, in the order given.
// Links travel in the same statement, so that foreign keys are checked once, at its end.

import { IS_ADMITTED } from '../../db/enter.ts'
import { Parameters } from '../../db/parameters.ts'
import { countedPart, isCounted } from '../../db/quota-counters.ts'
import type { Statement } from '../../db/statement.ts'
import { createdAtOf } from '../../entities/record-id.ts'
import { insertedPart } from './log-sql.ts'
import { misfitParts } from './misfit-sql.ts'
import { answerColumns, insertLinks, type NewRecord, type WriteContext } from './written-row.ts'

const COLUMNS = ['tenant_id', 'entity_id', 'created_by', 'created_at', 'id', 'data', 'keys']

/** Of a record of another system that was changed there. */
const CHANGED = ['updated_at', 'updated_by']

/** One record as parameters: the shortest way for the server and for PostgreSQL. */
function oneRow(context: WriteContext, row: NewRecord, p: Parameters): string {
  const author = p.add(context.author)
  const values = [p.add(context.scope.id), p.add(context.entity.id), author]
  values.push(
    p.add(row.createdAt ?? createdAtOf(row.id)),
    p.add(row.id),
    p.add(JSON.stringify(row.data)),
    p.add(JSON.stringify(row.keys)),
  )
  values.push(...Object.values(row.slots).map((text) => p.add(text)))
  if (row.updatedAt !== undefined) values.push(p.add(row.updatedAt), author)
  return `select ${values.join(', ')} where ${IS_ADMITTED}`
}

/** Any number of records as one JSON parameter, so that the text does not depend on the number. */
function manyRows(context: WriteContext, rows: readonly NewRecord[], p: Parameters): string {
  const slots = Object.keys(rows[0]?.slots ?? {})
  const author = p.add(context.author)
  const fixed = [p.add(context.scope.id), p.add(context.entity.id), author]
  const columns = ['uuid', 'bigint', 'uuid'].map((type, i) => `${fixed[i]}::${type}`)
  const keepsTimes = keepsUpdates(rows)
  const own = ['id', 'data', 'keys', ...slots]
  const types = own.map((name) => `${name} ${{ id: 'uuid', data: 'jsonb', keys: 'jsonb' }[name] ?? 'text'}`)
  types.push('created timestamptz', ...(keepsTimes ? ['updated timestamptz'] : []))
  const documents = rows.map((row) => {
    const { id, data, keys, slots, createdAt: created = createdAtOf(id) } = row
    const times = keepsTimes ? { updated: row.updatedAt } : {}
    return Object.assign(times, { id, created, data, keys }, slots, row.origin)
  })
  if (isRestored(rows)) {
    columns[2] = 'd.made_by'
    types.push('made_by uuid', 'version int')
  }
  columns.push('d.created', ...own.map((name) => `d.${name}`))
  if (keepsTimes) columns.push('d.updated', `case when d.updated is not null then ${author}::uuid end`)
  if (isRestored(rows)) columns.push('d.version')
  return `select ${columns.join(', ')}
    from jsonb_to_recordset(${p.add(JSON.stringify(documents))}::jsonb) as d(${types.join(', ')}) where ${IS_ADMITTED}`
}

/** Whether the records were deleted before; all of them or none. */
const isRestored = ([first]: readonly NewRecord[]): boolean => first?.origin !== undefined

const keepsUpdates = (rows: readonly NewRecord[]) => rows.some(({ updatedAt }) => updatedAt !== undefined)

/** @param rows at least one */
export function insertStatement(context: WriteContext, rows: readonly NewRecord[]): Statement {
  const p = new Parameters()
  const changed = keepsUpdates(rows) ? CHANGED : []
  const origin = isRestored(rows) ? ['version'] : []
  const columns = [...COLUMNS, ...Object.keys(rows[0]?.slots ?? {}), ...changed, ...origin].join(', ')
  const [first] = rows
  const source =
    rows.length === 1 && first !== undefined && first.origin === undefined
      ? oneRow(context, first, p)
      : manyRows(context, rows, p)
  const insert = `insert into record as r (${columns}) ${source} returning`
  const { scope } = context
  const linked = rows.some((row) => row.links.length > 0)
  const more = [...misfitParts(rows, p), ...insertedPart(context, isRestored(rows), p)]
  if (!linked && more.length === 0 && !isCounted(scope, 'records'))
    return { text: `${insert} ${answerColumns('r', context, p)}`, values: p.values }
  const parts = [`r as (${insert} r.*)`]
  if (linked) parts.push(`l as (${insertLinks(context, rows, p)})`)
  parts.push(...more)
  const sources = ['r']
  if (isCounted(scope, 'records')) {
    parts.push(countedPart(scope, 'records', 'select count(*) from r', p))
    sources.push('counted')
  }
  const text = `with ${parts.join(', ')} select ${answerColumns('r', context, p)} from ${sources.join(', ')}`
  return { text, values: p.values }
}
