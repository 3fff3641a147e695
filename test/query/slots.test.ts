// The same question has the same answer with and without index slots: every type, operator, order and page.
import t from 'tap'
import { idOf, openDatabase, type StoredRow } from '../support/query/database.ts'
import { contextOf, entity, field } from '../support/query/sample.ts'

const long = 'x'.repeat(300)

const values: Record<
  string,
  { type: string; options?: Record<string, unknown>; stored: unknown[]; asked: string[] }
> = {
  name: {
    type: 'string',
    stored: ['a', 'A', 'ä', 'b', '', 'z', 'É', 'e', '日本', '𝒳', long, `${long}a`, `${long}b`, `${long}A`],
    asked: ['a', 'A', 'é', '', 'zz', long, `${long}a`, `${long}aa`, 'x'.repeat(250)],
  },
  age: { type: 'integer', stored: [9, 10, -5, 0, 100, -100], asked: ['9', '10', '-6', '0', '1000'] },
  ratio: { type: 'float', stored: [0.1, -0.5, 1e21, 3], asked: ['0.1', '-1', '2.5'] },
  score: { type: 'decimal', stored: ['9.5', '10', '-3.25', '0'], asked: ['9.5', '9.50', '-4', '10'] },
  active: { type: 'boolean', stored: [true, false], asked: ['true', 'false'] },
  born: { type: 'date', stored: ['2000-01-01', '1999-12-31'], asked: ['2000-01-01', '1999-06-01'] },
  at: { type: 'time', stored: ['10:00:00', '09:59:59.5'], asked: ['10:00', '09:59:59.5'] },
  seen: {
    type: 'datetime',
    stored: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5Z'],
    asked: ['2026-01-01T01:00:00+01:00', '2026-01-01'],
  },
  mail: { type: 'email', stored: ['a@b.de', 'B@b.de'], asked: ['a@b.de', 'b@b.de'] },
  site: { type: 'url', stored: ['http://a.de', 'https://b.de/x'], asked: ['http://a.de'] },
  code: { type: 'uuid', stored: [idOf(5), idOf(6)], asked: [idOf(5), idOf(7)] },
  kind: { type: 'enum', options: { values: ['s', 'm', 'l'] }, stored: ['s', 'm', 'l'], asked: ['s', 'm'] },
  friend: { type: 'relation', options: { entity: 'student' }, stored: [idOf(1), idOf(2)], asked: [idOf(1)] },
}

const names = Object.keys(values)

const fields = names.map((name) => field(name, values[name]?.type ?? '', values[name]?.options))

const plain = entity('plain', fields, { id: 1 })

const slotted = [
  entity('slotted', fields, { id: 2, slots: names.slice(0, 7) }),
  entity('slotted2', fields, { id: 3, slots: names.slice(7) }),
]

/** Every stored value several times, beside the other fields' values and beside nothing. */
const rows: StoredRow[] = Array.from({ length: 60 }, (_, n) => ({
  id: idOf(n + 1, `2026-01-01T00:00:0${n % 7}.${n % 5}Z`),
  created_by: n % 3 === 0 ? null : idOf(n % 4),
  data: Object.fromEntries(
    names.map((name, at) => {
      const { stored } = values[name] ?? { stored: [] }
      return [name, (n + at) % 5 === 0 ? null : stored[(n * 7 + at * 3 + (n >> 2)) % stored.length]]
    }),
  ),
}))

const filters = names.flatMap((name) =>
  (values[name]?.asked ?? []).flatMap((value) =>
    ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'not.eq', 'not.gt', 'not.lte'].map(
      (operator) => `${name}=${operator}.${encodeURIComponent(value)}`,
    ),
  ),
)

const lists = names.flatMap((name) => {
  const list = values[name]?.asked.map((value) => `"${value}"`).join(',')
  return [`${name}=in.(${list})`, `${name}=not.in.(${list})`, `${name}=in.()`, `${name}=not.in.()`].map(
    encodeURI,
  )
})

const quantified = names.flatMap((name) => {
  const set = `{${values[name]?.asked.map((value) => `"${value}"`).join(',')}}`
  const operators = ['eq(any)', 'eq(all)', 'not.eq(any)', 'gt(any)', 'gte(all)', 'lt(any)', 'not.lte(all)']
  return operators.map((operator) => `${name}=${operator}.${encodeURIComponent(set)}`)
})

const distinct = names.flatMap((name) =>
  (values[name]?.asked ?? []).flatMap((value) =>
    ['isdistinct', 'not.isdistinct'].map((operator) => `${name}=${operator}.${encodeURIComponent(value)}`),
  ),
)

const patterns = ['name', 'mail', 'site', 'kind'].flatMap((name) =>
  ['a*', '*a', 'A%', '*', '', 'é', 'x'.repeat(250), `${long}*`, '*B*', 'h_t*'].flatMap((pattern) =>
    ['like', 'ilike', 'not.ilike', 'like(any)', 'ilike(all)'].map(
      (operator) =>
        `${name}=${operator}.${encodeURIComponent(operator.includes('(') ? `{"${pattern}","*e*"}` : pattern)}`,
    ),
  ),
)

const nulls = names.flatMap((name) => [
  `${name}=is.null`,
  `${name}=not.is.null`,
  `not.or=(${name}.is.null,age.gt.5)`,
])

const questions = [
  ...[...filters, ...lists, ...quantified, ...distinct, ...patterns, ...nulls],
  ...['active=is.true', 'active=not.is.false'],
]

const directions = ['asc', 'desc', 'asc.nullsfirst', 'desc.nullslast']

const orders = names.flatMap((name) => [
  ...directions.map((direction) => `order=${name}.${direction}`),
  ...directions.slice(2).map((direction) => `order=${name}.${direction},name.desc,created_by.${direction}`),
  `order=created_at.desc,${name}.asc.nullsfirst&age=gt.0`,
  `order=${name},created_at.desc`,
])

t.test('slotted and unslotted fields give the same answers', async (t) => {
  const database = await openDatabase(t)
  const ask = (search: string, of = plain) => database.page(search, contextOf(of))
  for (const one of [plain, ...slotted]) await database.store(one, rows)

  t.test('for every operator', async (t) => {
    for (const search of questions) {
      const expected = await ask(search)
      for (const one of slotted) t.strictSame(await ask(search, one), expected, search)
    }
  })

  t.test('for every order, page by page to the end', async (t) => {
    for (const order of orders) {
      const { records } = await ask(order)
      for (const one of [plain, ...slotted]) {
        const paged: string[] = []
        for (let cursor = ''; ; ) {
          const page = await ask(`${order}&limit=17${cursor}`, one)
          paged.push(...page.records)
          if (page.nextCursor === undefined) break
          cursor = `&cursor=${page.nextCursor}`
        }
        t.strictSame(paged, records, `${order} on ${one.name}`)
      }
    }
  })

  t.test('for every order, by offset', async (t) => {
    for (const order of orders) {
      const { records } = await ask(order)
      for (const one of [plain, ...slotted])
        t.strictSame((await ask(`${order}&limit=7&offset=13`, one)).records, records.slice(13, 20), order)
    }
  })
})
