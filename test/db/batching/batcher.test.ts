// Statements that travel together: each asker gets his own answer or his own error, whatever happens to the others.

import pg from 'pg'
import t from 'tap'
import { type Answers, Batcher, type BatcherOptions } from '../../../lib/db/batching/batcher.ts'
import type { Statement } from '../../../lib/db/statement.ts'
import { errorCode } from '../../../lib/errors/codes.ts'
import { errors } from '../../../lib/errors.ts'
import { startWithAdmin } from '../../support/app.ts'

const cheap = (text: string): Statement => ({ text, values: [], cost: 'row' })

/** Asks nobody: the answer is the question in capitals, and one called "bad" fails with what is sent together. */
function pretend(options: Partial<BatcherOptions<string, string>> = {}) {
  const sent: string[][] = []
  const together = new Batcher<string, string>({
    async send(questions): Promise<Answers<string>> {
      sent.push([...questions])
      await new Promise((resolve) => setTimeout(resolve, 5))
      const bad = questions.indexOf('bad')
      const good = bad === -1 ? questions : questions.slice(0, bad)
      return { answers: good.map((text) => text.toUpperCase()), error: bad === -1 ? null : new Error('bad') }
    },
    mayRepeat: () => true,
    concurrency: 1,
    maxSize: 3,
    readOnly: false,
    ...options,
  })
  return { together, sent }
}

const outcomes = async (asked: Promise<unknown>[]) =>
  (await Promise.allSettled(asked)).map((one) =>
    one.status === 'fulfilled' ? one.value : one.reason.message,
  )

t.test(
  'what is asked at once travels together, so many at a time as allowed, in the order of asking',
  async (t) => {
    const { together, sent } = pretend()
    const asked = ['a', 'b', 'c', 'd'].map((text) => together.ask('kind', text))
    t.same(await outcomes(asked), ['A', 'B', 'C', 'D'])
    t.same(sent, [['a', 'b', 'c'], ['d']])
  },
)

t.test('kinds never travel together', async (t) => {
  const { together, sent } = pretend({ concurrency: 9 })
  await Promise.all(['a', 'b', 'c'].map((text) => together.ask(`kind of ${text}`, text)))
  t.same(sent, [['a'], ['b'], ['c']])
})

t.test('a statement that fails takes nobody with it: writes run again, each alone', async (t) => {
  const { together, sent } = pretend()
  const asked = ['a', 'bad', 'c'].map((text) => together.ask('kind', text))
  t.same(await outcomes(asked), ['A', 'bad', 'C'])
  t.same(sent, [['a', 'bad', 'c'], ['a'], ['bad'], ['c']])
})

t.test('what was read before the failure is not read again', async (t) => {
  const { together, sent } = pretend({ readOnly: true })
  const asked = ['a', 'bad', 'c'].map((text) => together.ask('kind', text))
  t.same(await outcomes(asked), ['A', 'bad', 'C'])
  t.same(sent, [['a', 'bad', 'c'], ['bad'], ['c']])
})

t.test('what may have happened already is not repeated', async (t) => {
  const { together, sent } = pretend({ mayRepeat: () => false })
  const asked = ['a', 'bad', 'c'].map((text) => together.ask('kind', text))
  t.same(await outcomes(asked), ['bad', 'bad', 'bad'])
  t.equal(sent.length, 1)
})

t.test('what is written is not written again because its answer found no room among others', async (t) => {
  const sent: number[] = []
  const room = (n: number) => (n === 1 ? errors.answerTooLarge(32) : String(n))
  const together = new Batcher<string, string>({
    async send(questions) {
      sent.push(questions.length)
      return { answers: questions.map((_, n) => room(n)), error: null }
    },
    mayRepeat: () => true,
    concurrency: 1,
    maxSize: 3,
    readOnly: false,
  })
  const asked = ['a', 'b', 'c'].map((text) => together.ask('kind', text))
  t.match(await outcomes(asked), ['0', /32 MiB/, '2'])
  t.same(sent, [3])
})

t.test(
  'in PostgreSQL, too: rows, a division by zero and a wait for a lock each find their asker',
  async (t) => {
    const { app, database } = await startWithAdmin(t as never)
    const tenant = await app.directory.tenantByName('default')
    if (tenant === null) throw new Error('no tenant')
    const lock = 'select pg_advisory_xact_lock(99)::text'
    const stranger = new pg.Client({ connectionString: database.url })
    await stranger.connect()
    await stranger.query('begin')
    await stranger.query(lock)
    const texts = ['select 1', lock, 'select 1 / 0', 'select 4']
    const asked = texts.map((text) => app.db.write(tenant, [7], cheap(text)))
    // Nobody waits for the stranger but who wants his lock.
    const others = await Promise.allSettled([asked[0], asked[2], asked[3]])
    await stranger.query('commit')
    await stranger.end()
    t.same(await asked[1], [['']])
    t.same(
      others.map((one) => (one.status === 'fulfilled' ? one.value : errorCode(one.reason))),
      [[['1']], '22012', [['4']]],
    )
  },
)
