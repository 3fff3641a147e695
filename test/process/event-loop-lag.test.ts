// The guard against requests that would be answered too late: what it measures, and whom it refuses.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { EventLoopLag } from '../../lib/process/event-loop-lag.ts'
import { startWithAdmin } from '../support/app.ts'

t.test('what the start has held up does not count', async (t) => {
  let now = 0
  const lag = new EventLoopLag(() => now, 1000)
  t.equal(lag.milliseconds, 0, 'nothing has been measured')
  now = 60_000
  lag.tick()
  t.equal(lag.milliseconds, 0, 'the first tick has nothing to compare with')
  for (const [late, found] of [
    [1000, 0],
    [8000, 7000],
    [1000, 0],
    [900, 0],
  ] as const) {
    now += late
    lag.tick()
    t.equal(lag.milliseconds, found)
  }
})

/** Holds up the event loop. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

t.test('a late event loop refuses requests, but never that of liveness', async (t) => {
  const { app } = await startWithAdmin(t, {}, { maxEventLoopDelay: 500 })
  const statusOf = async (url: string) => (await app.inject(url)).statusCode
  block(1500)
  t.equal(await statusOf('/health/ready'), 200, 'held up before the first sample')
  // Two samples of the timer, which looks once a second.
  await sleep(1200)
  block(2500)
  await sleep(50)
  const refused = await app.inject('/health/ready')
  t.match([refused.statusCode, refused.headers['retry-after']], [503, '1'])
  for (const url of ['/health/live', '/health/live/']) t.equal(await statusOf(url), 200, url)
  t.equal((await app.inject({ method: 'HEAD', url: '/health/live' })).statusCode, 200)
  await sleep(1500)
  t.equal(await statusOf('/health/ready'), 200, 'and again when it has caught up')
})
