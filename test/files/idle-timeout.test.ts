// A download's patience: it ends with a source that falls silent, and not with a reader who is slow.
import { pipeline, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { errors } from '../../lib/errors.ts'
import { IdleTimeout } from '../../lib/files/idle-timeout.ts'

const UNAVAILABLE = errors.unavailable()

const through = (source: Readable, patience: number) => pipeline(source, new IdleTimeout(patience), () => {})

t.test('everything passes', async (t) => {
  t.equal(await text(through(Readable.from(['a', 'b', 'c'].map(Buffer.from)), 1000)), 'abc')
  t.equal(await text(through(Readable.from([]), 1000)), '')
})

t.test('a source that falls silent is given up, and let go', async (t) => {
  const source = new Readable({ read() {} })
  source.push('x')
  await t.rejects(text(through(source, 100)), UNAVAILABLE)
  t.ok(source.destroyed)
})

t.test('a source that never begins is given up', async (t) => {
  await t.rejects(text(through(new Readable({ read() {} }), 50)), UNAVAILABLE)
})

t.test('a source that is slow and goes on is waited for', async (t) => {
  async function* slow() {
    for (let n = 0; n < 8; n++) {
      await sleep(60)
      yield Buffer.from(String(n))
    }
  }
  t.equal(await text(through(Readable.from(slow()), 300)), '01234567')
})

t.test('a reader may take as long as he likes', async (t) => {
  const stream = through(Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(100_000))), 100)
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size === 100_000) await sleep(400)
  }
  t.equal(size, 1_000_000)
})

t.test('a source that breaks is told as a failure of the service', async (t) => {
  const source = new Readable({ read: () => source.destroy(new Error('socket hang up')) })
  const failure = await text(through(source, 1000)).catch((error: Error) => error)
  t.match(failure, { message: UNAVAILABLE.message, cause: { message: 'socket hang up' } })
})

t.test('who leaves lets go of the source', async (t) => {
  const source = new Readable({ read() {} })
  const stream = through(source, 1000)
  stream.on('error', () => {})
  stream.resume()
  stream.destroy()
  await new Promise((resolve) => source.once('close', resolve))
  t.ok(source.destroyed)
})
