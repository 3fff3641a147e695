// A loop in the background: its rounds follow each other, by the clock or when it is woken, until it is stopped.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { BackgroundLoop } from '../../lib/concurrency/background-loop.ts'

const FOR_EVER = 2 ** 30

/** A loop whose rounds end one by one, when the test says so. */
function startLoop(test: Test, every = FOR_EVER) {
  const failures: unknown[] = []
  const ends: (() => void)[] = []
  let [begun, running, most] = [0, 0, 0]
  let fails = false
  const loop = new BackgroundLoop({
    every,
    onError: (error) => failures.push(error),
    round: async () => {
      begun += 1
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => ends.push(resolve))
      running -= 1
      if (fails) throw new Error('no')
    },
  })
  test.teardown(() => {
    const stopped = loop.stop()
    for (const end of ends) end()
    return stopped
  })
  const fail = () => {
    fails = true
  }
  const endRound = async () => {
    while (ends.length === 0) await sleep(1)
    ends.shift()?.()
  }
  return { loop, failures, endRound, fail, begun: () => begun, most: () => most }
}

const isPending = (work: Promise<unknown>) => Promise.race([work.then(() => false), sleep(10, true)])

t.test('who wakes the loop waits for a round that begins afterwards', async (t) => {
  const { loop, endRound, begun, most } = startLoop(t)
  const first = loop.wake()
  await sleep(1)
  const others = [loop.wake(), loop.wake()]
  await endRound()
  await first
  t.ok(await isPending(Promise.race(others)))
  await endRound()
  await Promise.all(others)
  t.equal(begun(), 2, 'several share one round')
  t.equal(most(), 1, 'rounds do not overlap')
  await sleep(10)
  t.equal(begun(), 2)
})

t.test('a round follows another after a while', async (t) => {
  const { loop, endRound, begun } = startLoop(t, 1)
  loop.wake()
  for (let round = 0; round < 3; round++) await endRound()
  while (begun() < 4) await sleep(1)
})

t.test('a round that fails is reported, and the loop goes on', async (t) => {
  const { loop, endRound, fail, failures, begun } = startLoop(t, 1)
  fail()
  const woken = loop.wake()
  await endRound()
  await woken
  t.match(failures, [{ message: 'no' }])
  while (begun() < 2) await sleep(1)
})

t.test('the end waits for the round, and no other begins', async (t) => {
  const { loop, endRound, begun } = startLoop(t)
  loop.wake()
  while (begun() < 1) await sleep(1)
  const next = loop.wake()
  const stopped = loop.stop()
  t.ok(loop.isStopping)
  t.ok(await isPending(stopped))
  await endRound()
  await stopped
  await next
  await loop.wake()
  t.equal(begun(), 1)
})

t.test('a pause inside a round ends early for a wake-up and for the end', async (t) => {
  for (const cut of ['wake', 'stop'] as const) {
    let pauses = 0
    const loop: BackgroundLoop = new BackgroundLoop({
      every: FOR_EVER,
      onError: (error) => t.fail(String(error)),
      round: async () => {
        if (pauses > 0) return
        await loop.pause(FOR_EVER)
        pauses += 1
      },
    })
    loop.wake()
    await sleep(5)
    await loop[cut]()
    t.equal(pauses, 1, cut)
    await loop.stop()
  }
})
