// Names of prepared statements: few, and for whoever asks often.
import t from 'tap'
import { PreparedNames } from '../../../lib/db/batching/batch-runner.ts'
import { startWithAdmin } from '../../support/app.ts'

t.test('names are bounded, those of texts in use stay, and no two of the last texts share one', async (t) => {
  const names = new PreparedNames(3)
  const often = names.of('often')
  const seen = new Set<string>()
  for (let n = 0; n < 50; n++) {
    seen.add(names.of(`seldom ${n}`))
    t.equal(names.of('often'), often)
  }
  t.equal(seen.has(often), false, 'one who asks for ever new texts takes no name from others')
  t.equal(seen.size, 2)
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
