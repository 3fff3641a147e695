// Work on old metadata is tried again: freely at first, then in turns, and not for ever.

import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { KeyedQueue } from '../../lib/concurrency/keyed-queue.ts'
import { retryStale } from '../../lib/db/retry-stale.ts'
import { errors } from '../../lib/errors.ts'

const STALE = Object.assign(new Error('stale'), { code: 'UV001' })

/** Work that fails on old metadata until the given try. */
function succeedAt(n: number) {
  let tries = 0
  return {
    tries: () => tries,
    work: async () => {
      if (++tries < n) throw STALE
      return tries
    },
  }
}

t.test('work is tried until it was done on current metadata, but not for ever', async (t) => {
  t.equal(await retryStale(succeedAt(5).work), 5)
  const never = succeedAt(Number.POSITIVE_INFINITY)
  t.match(await retryStale(never.work).catch((error) => error), { kind: { status: 503 } })
  t.ok(never.tries() > 5 && never.tries() < 100)
})

t.test('what fails for another reason fails at once', async (t) => {
  let tries = 0
  const refuse = async () => {
    tries++
    throw errors.forbidden('a miracle')
  }
  t.match(await retryStale(refuse).catch((error) => error), { kind: { status: 403 } })
  t.equal(tries, 1)
})

t.test('who fails a second time takes a turn and gives it back, whatever comes of it', async (t) => {
  const log: string[] = []
  const takeTurn = async () => {
    log.push('taken')
    return () => log.push('given back')
  }
  const run = (n: number, isOutdated?: () => boolean) =>
    retryStale(succeedAt(n).work, isOutdated, { takeTurn })
  await run(2)
  t.strictSame(log, [])
  await run(3)
  t.strictSame(log, ['taken', 'given back'])
  let doubts = 0
  await t.rejects(run(9, () => ++doubts < 4))
  t.strictSame(log, ['taken', 'given back', 'taken', 'given back'])
})

t.test('what comes before a further try is done before each, and its failure is final', async (t) => {
  const { work, tries } = succeedAt(4)
  let prepared = 0
  const prepare = async () => {
    if (++prepared === 3) throw STALE
  }
  await t.rejects(retryStale(work, undefined, { prepare }), STALE)
  t.strictSame([tries(), prepared], [3, 3])
})

t.test('changes that spoil each other all get through', async (t) => {
  const turns = new KeyedQueue(5000)
  let epoch = 0
  const change = () =>
    retryStale(
      async () => {
        const seen = epoch
        await sleep(1)
        if (seen !== epoch) throw STALE
        epoch++
      },
      undefined,
      { takeTurn: () => turns.take('tenant') },
    )
  await Promise.all(Array.from({ length: 100 }, change))
  t.equal(epoch, 100)
})

t.test('turns come one at a time per key, in order', async (t) => {
  const turns = new KeyedQueue(5000)
  const order: number[] = []
  let inside = 0
  const visit = async (n: number) => {
    const done = await turns.take('a')
    t.equal(++inside, 1)
    await sleep(1)
    order.push(n)
    inside--
    done()
  }
  await Promise.all([0, 1, 2, 3, 4].map(visit))
  t.strictSame(order, [0, 1, 2, 3, 4])
  const held = await turns.take('a')
  const other = await turns.take('b')
  other()
  held()
})

t.test('who has waited too long goes ahead', async (t) => {
  const turns = new KeyedQueue(20)
  const slow = await turns.take('a')
  const impatient = await turns.take('a')
  impatient()
  let patient = false
  const next = turns.take('a').then((done) => {
    patient = true
    return done
  })
  slow()
  const done = await next
  t.ok(patient)
  done()
})
