// Columns of a store: one table makes the list of its statements and the objects of their rows.
import t from 'tap'
import { column, columns, oneRow, orNull } from '../../lib/db/columns.ts'
import { startWithAdmin } from '../support/app.ts'

interface Thing {
  id: string
  size: number
  active: boolean
  made: string
  options: { deep: number[] }
  hash: Buffer
  note: string | null
  gone: string | null
}

const THING = columns<Thing>({
  id: column.text('t.id'),
  size: column.integer('t.size'),
  active: column.boolean('t.size > 1'),
  made: column.timestamp('t.made'),
  options: column.json('t.options'),
  hash: column.bytes('t.hash'),
  note: orNull(column.text('t.note')),
  gone: orNull(column.timestamp('t.gone')),
})

const FROM = `(values (
  uuid '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a', bigint '2', timestamptz '2026-11-22 23:49:38.12+00',
  jsonb '{"deep": [1]}', bytea '\\x00ff', null::text, null::timestamptz
)) as t(id, size, made, options, hash, note, gone)`

t.test('the rows of its list decode to its objects', async (t) => {
  const { app } = await startWithAdmin(t)
  const tenant = await app.directory.tenantByName('default')
  if (tenant === null) throw new Error('there is no default tenant')
  const statement = { text: `select ${THING.list} from ${FROM}`, values: [] }
  const expected = {
    id: '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a',
    size: 2,
    active: true,
    made: '2026-11-22T23:49:38.12Z',
    options: { deep: [1] },
    hash: Buffer.from([0, 255]),
    note: null,
    gone: null,
  }
  const rows = await app.db.read(tenant, statement)
  t.strictSame(rows.map(THING.decode), [expected])
  t.strictSame(THING.value(oneRow(rows), 'size'), 2)
  const within = await app.db.transaction(tenant, [], (tx) => tx.read(statement))
  t.strictSame(within.map(THING.decode), [expected])
})

t.test('a null where none may be, and a row that is missing, are errors', async (t) => {
  t.throws(() => THING.decode([null]), { message: 'the column t.id is null' })
  t.throws(() => oneRow([]), { message: 'a statement gave no row' })
})
