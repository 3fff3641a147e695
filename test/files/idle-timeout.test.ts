// A download's patience: it ends with a source that falls silent, and not with a reader who is slow. Its timers are moved.
import { pipeline, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { errors } from '../../lib/errors.ts'
import { IdleTimeout } from '../../lib/files/idle-timeout.ts'

const UNAVAILABLE = errors.unavailable()

/** Milliseconds. */
const PATIENCE = 1000

function moveTimers(test: Test): void {
  mock.timers.enable({ apis: ['setTimeout'] })
  test.teardown(() => mock.timers.reset())
}

/** Lets everything happen that is under way. */
async function settle(): Promise<void> {
  for (let n = 0; n < 20; n++) await turn()
}

/** Lets time pass, and everything happen that comes of it. */
async function pass(milliseconds: number): Promise<void> {
  await settle()
  mock.timers.tick(milliseconds)
  await settle()
}

const through = (source: Readable) => pipeline(source, new IdleTimeout(PATIENCE), () => {})

t.test('everything passes', async (t) => {
  moveTimers(t)
  t.equal(await text(through(Readable.from(['a', 'b', 'c'].map(Buffer.from)))), 'abc')
  t.equal(await text(through(Readable.from([]))), '')
})

t.test('a source that falls silent is given up, and let go', async (t) => {
  moveTimers(t)
  const source = new Readable({ read() {} })
  source.push('x')
  const read = text(through(source))
  const refused = t.rejects(read, UNAVAILABLE)
  await pass(PATIENCE - 1)
  t.notOk(source.destroyed)
  await pass(1)
  await refused
  t.ok(source.destroyed)
})

t.test('a source that never begins is given up', async (t) => {
  moveTimers(t)
  const refused = t.rejects(text(through(new Readable({ read() {} }))), UNAVAILABLE)
  await pass(PATIENCE)
  await refused
})

t.test('a source that is slow and goes on is waited for', async (t) => {
  moveTimers(t)
  const source = new Readable({ read() {} })
  const read = text(through(source))
  for (let n = 0; n < 8; n++) {
    await pass(PATIENCE - 1)
    source.push(Buffer.from(String(n)))
  }
  source.push(null)
  t.equal(await read, '01234567')
})

t.test('a reader may take any time', async (t) => {
  moveTimers(t)
  const stream = through(Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(100_000))))
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size === 100_000) await pass(10 * PATIENCE)
  }
  t.equal(size, 1_000_000)
})

t.test('a source that breaks is told as a failure of the service', async (t) => {
  moveTimers(t)
  const source = new Readable({ read: () => source.destroy(new Error('socket hang up')) })
  const failure = await text(through(source)).catch((error: Error) => error)
  t.match(failure, { message: UNAVAILABLE.message, cause: { message: 'socket hang up' } })
})

t.test('who leaves lets go of the source', async (t) => {
  moveTimers(t)
  const source = new Readable({ read() {} })
  const stream = through(source)
  stream.on('error', () => {})
  stream.resume()
  stream.destroy()
  await new Promise((resolve) => source.once('close', resolve))
  t.ok(source.destroyed)
})
