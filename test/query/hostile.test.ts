// Whatever a client sends: a Problem or a statement, whose text holds nothing of it and which PostgreSQL runs.

import fc from 'fast-check'
import t from 'tap'
import type { Parameters } from '../../lib/db/parameters.ts'
import type { Statement } from '../../lib/db/statement.ts'
import { Problem } from '../../lib/errors/problem.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import type { PlanContext } from '../../lib/query/plan/context.ts'
import type { Output } from '../../lib/query/plan/level-plan.ts'
import { type ListPlan, planList } from '../../lib/query/plan/plan-list.ts'
import { countSql, exportSql, listSql, scopeSql } from '../../lib/query/sql/list.ts'
import { toPage } from '../../lib/query/sql/page.ts'
import { projection } from '../../lib/query/sql/projection.ts'
import { Row } from '../../lib/query/sql/row.ts'
import { checkColumns, conflictTarget } from '../../lib/records/input.ts'
import { deleteWhere } from '../../lib/records/write/delete-sql.ts'
import { insertStatement } from '../../lib/records/write/insert-sql.ts'
import { rewriteStatement, updateWhere } from '../../lib/records/write/update-sql.ts'
import type { WriteContext } from '../../lib/records/write/written-row.ts'
import { codePoints } from '../support/code-points.ts'
import { idOf, openDatabase } from '../support/query/database.ts'
import { MARK, plain, search, slotted, stored, value } from '../support/query/hostile.ts'
import { contextOf, tenantId } from '../support/query/sample.ts'

const contexts = [plain, slotted].map(
  (one): PlanContext =>
    contextOf(one, { lookup: (name) => (name === one.name ? one : undefined), entities: () => [one] }),
)

/** The plan, or undefined when the query is refused as it should be. */
function tryPlan(text: string, context: PlanContext): ListPlan | undefined {
  try {
    return planList(parseQuery(text), context)
  } catch (error) {
    if (error instanceof Problem && error.kind.status < 500) return undefined
    throw error
  }
}

t.test('any text is refused with a Problem or planned', async () => {
  const [context] = contexts as [PlanContext]
  const part = fc.constantFrom(
    'or=',
    'select=',
    'order=',
    '(',
    ')',
    ',',
    '.',
    'not',
    'eq',
    '->',
    '>>',
    '"',
    '\\',
    '{',
    '}',
    '&',
    '=',
    '*',
    '!',
    ':',
    '...',
    'id',
    'in',
    '%22',
    '%',
    '[0]',
  )
  const noise = fc.oneof(
    fc.string(),
    fc.string({ unit: codePoints }),
    fc.array(part, { maxLength: 30 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(noise, (text) => void tryPlan(text, context)),
    { numRuns: 3000 },
  )
})

function checkStatement({ text, values }: Statement): void {
  if (text.includes(MARK)) throw new Error(text)
  const used = new Set(text.match(/\$\d+/g))
  if (used.size !== values.length) throw new Error(`unused parameters: ${text}`)
}

const author = idOf(9)

/** The statements that change and delete what a list picks, and answer with it. */
function writesOf({ entity, where, outputs }: ListPlan): Statement[] {
  if (outputs.some(({ kind }) => kind === 'aggregate')) return []
  const scope = { id: tenantId, epoch: 1 }
  const returning = (alias: string, p: Parameters) => projection(outputs as readonly Output[], p, alias)
  const context: WriteContext = { scope, entity, author, returning }
  const pick = (p: Parameters) => scopeSql({ entity, where }, new Row(p))
  const data = Object.fromEntries(entity.fields.map(({ key }) => [key, MARK]))
  const columns = { data, keys: data, slots: { k1: MARK }, links: [] }
  const touched = Object.keys(data)
  const change = { ...columns, touched, former: [], touchedLinks: [] }
  return [updateWhere(context, change, pick), deleteWhere(context, pick)]
}

t.test(
  'what is inserted is in no text either, and the names of an upsert are fields or refused',
  async () => {
    const scope = { id: tenantId, epoch: 1 }
    const rows = fc.array(fc.tuple(stored, fc.array(fc.uuid(), { maxLength: 2 })), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(rows, fc.array(value, { minLength: 1, maxLength: 3 }), (given, names) => {
        const context: WriteContext = { scope, entity: plain, author, returning: () => "''" }
        const records = given.map(([data, ids], n) => ({
          id: idOf(n + 1),
          data,
          keys: Object.fromEntries(Object.keys(data).map((key) => [key, MARK])),
          slots: { k1: MARK, u1: MARK },
          links: ids.map((toId) => ({ field: `${MARK}'`, toEntity: 1, toId })),
        }))
        checkStatement(insertStatement(context, records))
        checkStatement(rewriteStatement(context, records, [`${MARK}'"`]))
        for (const refuse of [() => conflictTarget(plain, names), () => checkColumns(plain, names)])
          try {
            refuse()
          } catch (error) {
            if (!(error instanceof Problem)) throw error
          }
      }),
      { numRuns: 500 },
    )
  },
)

t.test('no name and no value is in the text of a statement', async (t) => {
  let planned = 0
  const property = fc.property(search, (text) => {
    const plans = contexts.flatMap((context) => tryPlan(text, context) ?? [])
    planned += plans.length
    for (const plan of plans)
      [listSql(plan), exportSql(plan), countSql(plan), ...writesOf(plan)].forEach(checkStatement)
  })
  fc.assert(property, { numRuns: 3000 })
  t.ok(planned > 500, `${planned} statements`)
})

t.test('PostgreSQL runs every statement, page after page', async (t) => {
  const database = await openDatabase(t)
  const data = Object.fromEntries(plain.fields.map(({ key, type }) => [key, sample[type] ?? null]))
  const rows = [
    { id: idOf(1), data },
    {
      id: idOf(2),
      data: {
        ...data,
        [plain.fields.at(-2)?.key ?? '']: idOf(1),
        [plain.fields.at(-1)?.key ?? '']: [idOf(1)],
      },
    },
    { id: idOf(3), data: {} },
  ]
  await database.store(slotted, rows, [slotted])
  let ran = 0
  const property = fc.asyncProperty(search, async (text) => {
    for (const context of contexts) {
      const plan = tryPlan(text, context)
      if (plan === undefined) continue
      ran += 1
      const page = toPage(plan, await database.run(listSql(plan)))
      for (const record of page.records) JSON.parse(record)
      await database.run(countSql(plan))
      if (page.nextCursor === undefined || text.includes('offset')) continue
      const next = tryPlan(`${text}&cursor=${page.nextCursor}`, context)
      if (next === undefined) throw new Error('its own cursor was refused')
      await database.run(listSql(next))
    }
  })
  await fc.assert(property, { numRuns: 1000 })
  t.ok(ran > 150, `${ran} statements`)
})

const sample: Record<string, unknown> = {
  string: `${MARK}'"\\`,
  text: 'Ä'.repeat(400),
  integer: 1,
  float: 1.5,
  decimal: '1.50',
  boolean: true,
  date: '2024-02-29',
  time: '10:00:00',
  datetime: '2024-02-29T00:00:00Z',
  email: 'a@b.de',
  url: 'http://a',
  uuid: idOf(1),
  enum: 'a',
  json: { a: [1, { in: 'x' }] },
  object: { in: 'x' },
  array: [1, 2],
}
