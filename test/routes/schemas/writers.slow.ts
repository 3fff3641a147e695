// Fifty writers on two instances while the definition changes under them: no record is ever stored that the schema in force
// refuses, nobody meets a 500, and a change that cannot be made is refused.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { asAdmin, startApp, startWithAdmin } from '../../support/app.ts'

type Send = Awaited<ReturnType<typeof asAdmin>>

const WRITERS = 50

const ROUNDS = 1

interface Load {
  /** Whether records are sent that only the loosest definition accepts. */
  wild: boolean
  ended: boolean
  /** The request that each writer waits for. */
  waiting: Promise<unknown>[]
  statuses: Map<number, number>
}

/** Writes records, one after the other, until the load ends. */
async function write(send: Send, load: Load, seed: number): Promise<void> {
  for (let i = seed; !load.ended; i += 7) {
    const value = load.wild && i % 3 === 0 ? 51 + (i % 50) : i % 50
    const code = load.wild && i % 4 === 0 ? 'same' : `${seed}-${i}`
    const request = send('POST', '/reading', { value, code })
    load.waiting[seed] = request
    const { statusCode } = await request
    load.statuses.set(statusCode, (load.statuses.get(statusCode) ?? 0) + 1)
    await sleep(30)
  }
}

const definition = (value: object, code: object, ...more: object[]) => ({
  fields: [{ name: 'value', type: 'integer', ...value }, { name: 'code', type: 'string', ...code }, ...more],
})

t.test('writers during changes of the schema', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const here = await asAdmin(app)
  const there = await asAdmin(await startApp(t, database))
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  await here('POST', '/schemas', { entity_name: 'reading', ...definition({}, {}) })

  const load: Load = { wild: true, ended: false, waiting: [], statuses: new Map() }
  const writers = Array.from({ length: WRITERS }, (_, i) => write(i % 2 === 0 ? here : there, load, i))
  const count = async (condition: string) => {
    const { rows } = await owner.query(
      `select count(*)::int as n from record where entity_id > 0 and ${condition}`,
    )
    return rows[0].n as number
  }

  /** Tries a change until the records let it through. Every other time writers do their worst in the middle of it. */
  async function tighten(change: object, violators: string): Promise<void> {
    for (let attempt = 0, took = 50; ; attempt++) {
      load.wild = false
      await Promise.all(load.waiting)
      await owner.query(`delete from record where entity_id > 0 and (random() < 0.8 or ${violators})`)
      const began = Date.now()
      const put = (attempt % 4 < 2 ? here : there)('PUT', '/schemas/reading', change)
      await sleep(Math.random() * took)
      load.wild = attempt % 2 === 0
      const { statusCode, body } = await put
      took = Date.now() - began
      load.wild = true
      if (statusCode === 200) return
      if (statusCode !== 409) throw new Error(body)
    }
  }

  const repeated = `(data->>'code') in (
    select data->>'code' from record where entity_id > 0 group by 1 having count(*) > 1)`
  for (let round = 0; round < ROUNDS; round++) {
    await tighten(definition({ max: 50 }, {}), `(data->>'value')::int > 50`)
    for (let look = 0; look < 3; look++) {
      t.equal(await count(`(data->>'value')::int > 50`), 0, 'no value above the maximum in force')
      await sleep(10)
    }
    await tighten(definition({ max: 50 }, { unique: true }), repeated)
    for (let look = 0; look < 3; look++) {
      t.equal(await count(repeated), 0, 'no value twice that must be unique')
      await sleep(10)
    }
    const extra = { name: `extra${round}`, type: 'integer', required: true, default: round }
    t.equal((await here('PUT', '/schemas/reading', definition({}, {}, extra))).statusCode, 200)
    t.equal(await count(`not data ? 'extra${round}'`), 0, 'every record has what is required')
    t.same((await there('GET', `/reading?extra${round}=is.null`)).json(), [])
    t.equal((await there('PUT', '/schemas/reading', definition({}, {}))).statusCode, 200, 'all is free')
    await sleep(20)
  }
  load.ended = true
  await Promise.all(writers)
  await owner.end()
  const met = Object.fromEntries(load.statuses)
  t.strictSame(
    Object.keys(met).filter((status) => !['201', '400', '409'].includes(status)),
    [],
    JSON.stringify(met),
  )
  for (const status of [201, 400, 409]) t.ok(load.statuses.has(status), `some writers met ${status}`)
})
