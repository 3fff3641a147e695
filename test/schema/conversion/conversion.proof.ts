// A change of a million records beside fifty writers: how long it takes, and what the writers notice of it.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { asAdmin, startApp } from '../../support/app.ts'
import { define, startSlots } from '../../support/indexing/entity.ts'
import { entityNamed, storedRows, wronglyDerived } from '../../support/schema/conversion.ts'
import { RouteWriter } from '../../support/schema/every-route.ts'

const COUNT = Number(process.env.UNIVERA_TEST_RECORDS ?? 1_000_000)

const WRITERS = 50

/** Milliseconds between two writes of one. */
const PAUSE = 500

/** Milliseconds that the writers are measured for without a change. */
const CALM = 15_000

const fieldsOf = (type: string) => [
  { name: 'name', type: 'string', unique: true, indexed: true },
  { name: 'size', type, indexed: true },
  { name: 'about', type: 'string' },
]

const p95 = (times: readonly number[]) =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0

t.test(`a change of ${COUNT} records beside ${WRITERS} writers`, { timeout: 3_600_000 }, async (t) => {
  const { app, database, send } = await startSlots(t)
  const there = await asAdmin(await startApp(t, database))
  await define(send, 'item', fieldsOf('string'))
  const about = 'x'.repeat(300)
  for (let at = 0; at < COUNT; at += 1000) {
    const rows = Array.from({ length: 1000 }, (_, n) => ({ name: `n${at + n}`, size: String(at + n), about }))
    t.equal((await send('POST', '/item/', rows)).statusCode, 201)
  }
  let ended = false
  const writers = Array.from({ length: WRITERS }, (_, n) => new RouteWriter(n % 2 ? send : there, `w${n}`))
  const running = writers.map((writer) => writer.run(() => ended, PAUSE))
  const timesSince = (marks: readonly number[]) => writers.flatMap(({ times }, at) => times.slice(marks[at]))
  const marks = () => writers.map(({ times }) => times.length)

  await sleep(CALM / 3)
  let since = marks()
  await sleep(CALM)
  const calm = timesSince(since)
  for (const [change, ask] of [
    [
      'to numbers',
      () => send('PUT', '/schemas/item', { fields: fieldsOf('integer') }, { prefer: 'wait=3000' }),
    ],
    ['back again', () => send('POST', '/schemas/item/rollback', { version: 1 }, { prefer: 'wait=3000' })],
  ] as const) {
    since = marks()
    const began = performance.now()
    const answer = await ask()
    const seconds = (performance.now() - began) / 1000
    const during = timesSince(since)
    t.equal(answer.statusCode, 200, answer.body)
    t.comment(`${change}: ${seconds.toFixed(1)} s, ${Math.round(COUNT / seconds)} records/s`)
    t.comment(`writes: ${during.length}, p95 ${p95(calm).toFixed(0)} -> ${p95(during).toFixed(0)} ms`)
    t.comment(`the slowest ${Math.max(...calm).toFixed(0)} -> ${Math.max(...during).toFixed(0)} ms`)
    t.ok(p95(during) <= 2 * p95(calm), 'writes take at most twice as long')
  }
  ended = true
  await Promise.all(running)
  t.same(writers.flatMap(({ complaints }) => complaints).slice(0, 5), [])
  const entity = await entityNamed(app, 'item')
  const rows = await storedRows(app, entity)
  t.same(wronglyDerived(entity, rows).slice(0, 3), [])
  const found = new Map(rows.map(({ data }) => [data.name, data[String(entity.fields[1]?.key)] ?? null]))
  const lost = writers.flatMap(({ sizes }) =>
    [...sizes].filter(([name, size]) => found.get(name) !== (size === null ? null : String(size))),
  )
  t.same(lost.slice(0, 5), [])
})
