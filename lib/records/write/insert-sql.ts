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

const COLUMNS = [
  'tenant_id',
  'entity_id',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
  'id',
  'data',
  'keys',
]

/** One record as parameters: the shortest way for the server and for PostgreSQL. */
function oneRow(context: WriteContext, row: NewRecord, p: Parameters): string {
  const author = p.add(context.author)
  const values = [p.add(context.scope.id), p.add(context.entity.id), author, author]
  const created = p.add(row.createdAt ?? createdAtOf(row.id))
  values.push(
    created,
    row.updatedAt === undefined ? created : p.add(row.updatedAt),
    p.add(row.id),
    p.add(JSON.stringify(row.data)),
    p.add(JSON.stringify(row.keys)),
  )
  values.push(...Object.values(row.slots).map((text) => p.add(text)))
  return `select ${values.join(', ')} where ${IS_ADMITTED}`
}

/** Any number of records as one JSON parameter, so that the text does not depend on the number. */
function manyRows(context: WriteContext, rows: readonly NewRecord[], p: Parameters): string {
  const slots = Object.keys(rows[0]?.slots ?? {})
  const author = p.add(context.author)
  const fixed = [p.add(context.scope.id), p.add(context.entity.id), author, author]
  const columns = ['uuid', 'bigint', 'uuid', 'uuid'].map((type, i) => `${fixed[i]}::${type}`)
  const keepsTimes = rows.some(({ updatedAt }) => updatedAt !== undefined)
  columns.push('d.created', keepsTimes ? 'd.updated' : 'd.created')
  const own = ['id', 'data', 'keys', ...slots]
  const types = own.map((name) => `${name} ${{ id: 'uuid', data: 'jsonb', keys: 'jsonb' }[name] ?? 'text'}`)
  types.push('created timestamptz', ...(keepsTimes ? ['updated timestamptz'] : []))
  const documents = rows.map((row) => {
    const { id, data, keys, slots, createdAt: created = createdAtOf(id) } = row
    return Object.assign(
      keepsTimes ? { updated: row.updatedAt ?? created } : {},
      { id, created, data, keys },
      slots,
      row.origin,
    )
  })
  if (isRestored(rows)) {
    columns[2] = 'd.made_by'
    own.push('version')
    types.push('made_by uuid', 'version int')
  }
  return `select ${[...columns, ...own.map((name) => `d.${name}`)].join(', ')}
    from jsonb_to_recordset(${p.add(JSON.stringify(documents))}::jsonb) as d(${types.join(', ')}) where ${IS_ADMITTED}`
}

/** Whether the records were deleted before; all of them or none. */
const isRestored = ([first]: readonly NewRecord[]): boolean => first?.origin !== undefined

/** @param rows at least one */
export function insertStatement(context: WriteContext, rows: readonly NewRecord[]): Statement {
  const p = new Parameters()
  const origin = isRestored(rows) ? ['version'] : []
  const columns = [...COLUMNS, ...Object.keys(rows[0]?.slots ?? {}), ...origin].join(', ')
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
