// Names of prepared statements: few, kept for texts in use, shared fairly by tenants.
import t from 'tap'
import { PreparedNames } from '../../../lib/db/connections/prepared-statements.ts'
import { startWithAdmin } from '../../support/app.ts'

t.test('names are bounded, those of texts in use stay, and no two of the last texts share one', async (t) => {
  const names = new PreparedNames({ all: 3, tenant: 3, text: 100 })
  const often = names.of('often', 'a')
  const seen = new Set<string>()
  for (let n = 0; n < 50; n++) {
    seen.add(names.of(`rare ${n}`, 'a'))
    t.equal(names.of('often', 'a'), often)
  }
  t.equal(seen.has(often), false, 'a client with ever new texts takes no name from others')
  t.equal(seen.size, 2)
})

t.test('a tenant with ever new texts takes its own names, not those of others', async (t) => {
  const names = new PreparedNames({ all: 6, tenant: 3, text: 100 })
  const others = [1, 2, 3].map((n) => names.of(`other ${n}`, 'b'))
  for (let n = 0; n < 50; n++) names.of(`rare ${n}`, 'a')
  t.strictSame(
    [1, 2, 3].map((n) => names.of(`other ${n}`, 'b')),
    others,
  )
})

t.test('a huge text has no name', async (t) => {
  const names = new PreparedNames({ all: 6, tenant: 3, text: 100 })
  t.equal(names.of('x'.repeat(101), 'a'), '')
  t.not(names.of('x'.repeat(100), 'a'), '')
})

t.test('what a connection keeps prepared is bounded by size', async (t) => {
  const { app } = await startWithAdmin(t)
  const tenant = await app.directory.tenantByName('default')
  if (tenant === null) throw new Error('no tenant')
  const long = (n: number) => `select ${n}, $1::text /* ${'x'.repeat(30_000)} */`
  const read = (text: string) => app.db.read(tenant, { text, values: ['a'], cost: 'row' })
  for (let n = 0; n < 60; n++) t.same(await read(long(n)), [[String(n), 'a']])
  const kept = await read(
    'select count(*)::text, sum(length(statement))::text || $1 from pg_prepared_statements',
  )
  t.ok(Number.parseInt(kept[0]?.[1] ?? '', 10) < 600_000, 'on this connection')
  t.same(await read(long(0)), [['0', 'a']], 'one that was closed is prepared again')
})

t.test(
  'a name that goes to another text stands for that text alone, on shared connections too',
  async (t) => {
    const { app } = await startWithAdmin(t)
    const tenant = await app.directory.tenantByName('default')
    if (tenant === null) throw new Error('no tenant')
    const texts = Array.from({ length: 900 }, (_, n) => `select ${n}, $1::text`)
    for (let round = 0; round < 3; round++) {
      const asked = texts.map((text, n) => {
        const cost = n % 3 === 0 ? 'open' : 'row'
        return app.db.read(tenant, { text, values: [`for ${n}`], cost })
      })
      t.same(
        await Promise.all(asked),
        texts.map((_, n) => [[String(n), `for ${n}`]]),
      )
    }
  },
)

t.test('a statement that cannot be parsed leaves no other believed prepared', async (t) => {
  const { app } = await startWithAdmin(t)
  const tenant = await app.directory.tenantByName('default')
  if (tenant === null) throw new Error('no tenant')
  for (let round = 0; round < 5; round++) {
    const text = (n: number) => `select ${round}, ${n % 7}, $1::text${n % 5 === 0 ? ' nonsense(' : ''}`
    const asked = Array.from({ length: 400 }, (_, n) =>
      app.db.read(tenant, { text: text(n), values: [`for ${n}`], cost: 'row' }),
    )
    for (const [n, one] of (await Promise.allSettled(asked)).entries()) {
      const good = { value: [[String(round), String(n % 7), `for ${n}`]] }
      t.match(one, n % 5 === 0 ? { reason: { code: '42601' } } : good)
    }
  }
})
