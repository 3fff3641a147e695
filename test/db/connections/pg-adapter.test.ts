// What pg-adapter.ts, and the pool, assume of pg and pg-protocol beyond their documentation, a test for each assumption: an
// upgrade that breaks one fails the test that names it.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { createPipelinedClient } from '../../../lib/db/connections/guarded-client.ts'
import { cancelRunning, isAwaitingAnswer, socketOf } from '../../../lib/db/connections/pg-adapter.ts'
import { exchange } from '../../../lib/db/connections/round-trip.ts'
import { createEmptyDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'

const require = createRequire(import.meta.url)
const { DatabaseError, serialize } = require('pg-protocol') as typeof import('pg-protocol')
const { prepareValue } = require('pg/lib/utils') as { prepareValue(value: unknown): unknown }

let database: string | undefined

/** A connected client on a database of this file. */
async function connect(test: Test, make = createPipelinedClient, config: pg.ClientConfig = {}) {
  database ??= await createEmptyDatabase(t)
  const client = make({ connectionString: database, ...config })
  client.on('error', () => {})
  await client.connect()
  test.teardown(() => client.end())
  return client
}

const plainClient = (config: pg.ClientConfig) => new pg.Client(config)

/** Notes what pg calls on a query that writes its own messages: as in the adapter, one whose constructor is not pg's. */
class Probe implements pg.Submittable {
  readonly calls: unknown[]
  readonly #name: string
  readonly #messages: readonly Buffer[]
  connection: { stream?: unknown } = {}
  done: () => void = () => {}

  constructor(name: string, messages: readonly Buffer[], calls: unknown[] = []) {
    this.#name = name
    this.#messages = messages
    this.calls = calls
  }

  submit(connection: unknown): null {
    this.connection = connection as Probe['connection']
    this.calls.push(`submit ${this.#name}`)
    for (const message of this.#messages) (this.connection.stream as Socket).write(message)
    return null
  }

  handleDataRow({ fields, length }: { fields: unknown[]; length: number }): void {
    this.calls.push({ fields, length })
  }

  handleCommandComplete(): void {
    this.calls.push('complete')
  }

  handleReadyForQuery(): void {
    this.calls.push(`ready ${this.#name}`)
    this.done()
  }

  handleError(error: Error): void {
    this.calls.push(error)
    this.done()
  }
}

Object.setPrototypeOf(Probe.prototype, pg.Query.prototype)

const run = (text: string) => [serialize.parse({ text }), serialize.bind(), serialize.execute()]

function send(client: pg.Client, probe: Probe): Promise<unknown[]> {
  return new Promise((resolve) => {
    probe.done = () => resolve(probe.calls)
    client.query(probe)
  })
}

t.test('pg-protocol can be required, and is the module that pg itself uses', async (t) => {
  t.equal(DatabaseError, pg.DatabaseError)
})

t.test('serialize writes Parse, Bind, Execute, Close and Sync of protocol 3.0', async (t) => {
  const hex = (message: Buffer) => message.toString('latin1')
  t.equal(hex(serialize.parse({ name: 'n', text: 'q' })), 'P\0\0\0\x0an\0q\0\0\0')
  t.equal(hex(serialize.parse({ text: 'q' })), 'P\0\0\0\x09\0q\0\0\0')
  const values = ['a', null, Buffer.from('b')]
  t.equal(
    hex(serialize.bind({ statement: 'n', values, valueMapper: (value: unknown) => value })),
    'B\0\0\0\x23\0n\0\0\x03\0\0\0\0\0\x01\0\x03\0\0\0\x01a\xff\xff\xff\xff\0\0\0\x01b\0\x01\0\0',
  )
  t.equal(hex(serialize.execute()), 'E\0\0\0\x09\0\0\0\0\0')
  t.equal(hex(serialize.close({ type: 'S', name: 'n' })), 'C\0\0\0\x07Sn\0')
  t.equal(hex(serialize.sync()), 'S\0\0\0\x04')
})

t.test('a message that was serialized stays as it is when the next one is', async (t) => {
  const first = serialize.parse({ text: 'first' })
  const before = Buffer.from(first)
  serialize.parse({ text: 'other' })
  t.ok(first.equals(before))
})

t.test('prepareValue makes text of a parameter, and leaves null and the bytes of a Buffer', async (t) => {
  const bytes = Buffer.from('a')
  const values = [null, undefined, 'a', 1, true, ['a', null], { a: 1 }, bytes]
  t.strictSame(values.map(prepareValue), [null, null, 'a', '1', 'true', '{"a",NULL}', '{"a":1}', bytes])
})

t.test('a query is submitted to the connection that has the socket of its client as `stream`', async (t) => {
  const client = await connect(t)
  const probe = new Probe('a', [serialize.sync()])
  await send(client, probe)
  t.ok(probe.connection.stream instanceof Socket)
  t.equal(probe.connection.stream, socketOf(client))
})

t.test('a pipeline refuses queries that are no instance of pg.Query', async (t) => {
  const client = await connect(t)
  const error = await new Promise((handleError) => {
    client.query({ submit: () => null, handleError } as pg.Submittable)
  })
  t.match(error, { message: /not supported in pipeline mode/ })
})

t.test('a pipeline takes one with the prototype of pg.Query, though its constructor never ran', async (t) => {
  const client = await connect(t)
  const probe = new Probe('a', [serialize.sync()])
  t.ok(probe instanceof pg.Query)
  t.same(await send(client, probe), ['submit a', 'ready a'])
})

t.test(
  'a pipeline sends a query before the one ahead of it is answered, in the order of asking',
  async (t) => {
    const calls: unknown[] = []
    const client = await connect(t)
    const probes = ['a', 'b'].map((name) => new Probe(name, [serialize.sync()], calls))
    await Promise.all(probes.map((probe) => send(client, probe)))
    t.same(calls, ['submit a', 'submit b', 'ready a', 'ready b'])
  },
)

t.test('a client without pipeline sends one query after the other', async (t) => {
  const calls: unknown[] = []
  const client = await connect(t, plainClient)
  const probes = ['a', 'b'].map((name) => new Probe(name, [serialize.sync()], calls))
  await Promise.all(probes.map((probe) => send(client, probe)))
  t.same(calls, ['submit a', 'ready a', 'submit b', 'ready b'])
})

t.test('rows come without a Describe, as text or null, with the length of their message', async (t) => {
  const client = await connect(t)
  const probe = new Probe('a', [...run("select 12, null, 'é'"), serialize.sync()])
  t.strictSame((await send(client, probe))[1], {
    fields: ['12', null, 'é'],
    length: 4 + 2 + 4 + 2 + 4 + 4 + 2,
  })
})

t.test('each Execute is completed once, in order, with rows or without, and the Sync last', async (t) => {
  const client = await connect(t)
  const texts = ['select 1 where false', 'select 2', 'set local work_mem to 1024']
  const calls = await send(client, new Probe('a', [...texts.flatMap(run), serialize.sync()]))
  t.match(calls, ['submit a', 'complete', { fields: ['2'] }, 'complete', 'complete', 'ready a'])
  t.equal(calls.length, 6)
})

t.test(
  'an error is handled once, what follows up to the Sync skipped, and the next query served',
  async (t) => {
    const client = await connect(t)
    const texts = ['select 1', 'select 1 / 0', 'select 2']
    const calls: unknown[] = []
    const failing = new Probe('a', [...texts.flatMap(run), serialize.sync()], calls)
    await Promise.all([send(client, failing), send(client, new Probe('b', [serialize.sync()], calls))])
    t.match(calls, [
      'submit a',
      'submit b',
      { fields: ['1'] },
      'complete',
      { code: '22012', severity: 'ERROR' },
      'ready b',
    ])
    t.ok(calls[4] instanceof pg.DatabaseError)
    t.equal(calls.length, 6)
  },
)

for (const [how, make] of Object.entries({ pipelined: createPipelinedClient, plain: plainClient })) {
  t.test(`a ${how} connection that is lost gives its error to every query, sent or not`, async (t) => {
    const client = await connect(t, make)
    const step = { name: '', text: 'select pg_sleep(10)', values: [] }
    const outcomes = [1, 2].map(() => exchange(client, [step]))
    await sleep(50)
    socketOf(client).destroy(new Error('cut'))
    t.match(await Promise.all(outcomes), [{ error: { message: 'cut' } }, { error: { message: 'cut' } }])
    t.match(await exchange(client, [step]), { error: Error, answers: [] }, 'and to those that come later')
  })

  t.test(`a ${how} client says whether it awaits an answer`, async (t) => {
    const client = await connect(t, make)
    t.equal(isAwaitingAnswer(client), false)
    const outcome = exchange(client, [{ name: '', text: 'select pg_sleep(0.1)', values: [] }])
    t.equal(isAwaitingAnswer(client), true)
    await outcome
    t.equal(isAwaitingAnswer(client), false)
  })
}

t.test('a query_timeout wraps `callback` and calls it with the error', async (t) => {
  const client = await connect(t, createPipelinedClient, { query_timeout: 200 })
  const select = (text: string) => exchange(client, [{ name: '', text, values: [] }])
  t.same(await select('select 1'), { answers: [[['1']]], error: null, size: 11 })
  await sleep(400)
  t.same(
    await select('select 2'),
    { answers: [[['2']]], error: null, size: 11 },
    'the connection is not closed',
  )
  t.match(await select('select pg_sleep(1)'), { error: { message: 'Query read timeout' } })
})

t.test('a name that pg has not given is prepared, replaced and used without its knowledge', async (t) => {
  const client = await connect(t)
  const step = (text: string) => exchange(client, [{ name: 's0', text, values: [] }])
  t.same((await step('select 1')).answers, [[['1']]])
  t.same((await step('select 1')).answers, [[['1']]])
  t.same((await step('select 2')).answers, [[['2']]])
  t.match(await step('select nonsense('), { error: { code: '42601' } })
  t.same((await step('select 2')).answers, [[['2']]], 'after a failure it is prepared again')
})

t.test('a pool heeds a maximum that changes while it works', async (t) => {
  database ??= await createEmptyDatabase(t)
  const pool = new pg.Pool({ connectionString: database, max: 2 })
  t.teardown(() => pool.end())
  const first = await pool.connect()
  pool.options.max = 1
  const second = pool.connect()
  await sleep(50)
  t.equal(pool.waitingCount, 1)
  pool.options.max = 2
  const third = await pool.connect()
  t.equal(pool.totalCount, 2)
  first.release()
  await second.then((client) => client.release())
  third.release()
})

t.test('a pool gives what it opens and closes as events', async (t) => {
  database ??= await createEmptyDatabase(t)
  const pool = new pg.Pool({ connectionString: database })
  t.teardown(() => pool.end())
  const opened = once(pool, 'connect')
  const client = await pool.connect()
  await opened
  const removed = once(pool, 'remove')
  client.release(true)
  await removed
})

t.test('a client has the host, the port and the key by which what it runs is cancelled', async (t) => {
  const client = await connect(t)
  const running = exchange(client, [{ name: '', text: 'select pg_sleep(60)', values: [] }])
  let isOver = false
  running.finally(() => {
    isOver = true
  })
  // The first may be there before the statement.
  await until(async () => {
    await cancelRunning(client)
    return isOver
  })
  t.match(await running, { error: { code: '57014' } })
})
