// Deletes changes and ticks that are past their time, at start and every hour.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { sweepLog } from '../lib/log/retention-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on changes past their time. */
    logRetention: {
      /** Begins a round; resolves when it has ended. */
      run(): Promise<void>
    }
  }
}

const HOUR_MS = 60 * 60 * 1000

async function logRetention(app: FastifyInstance): Promise<void> {
  const { directory, clock, log } = app
  const loop = new BackgroundLoop({
    every: HOUR_MS,
    onError: (error) => log.warn({ err: error }, 'old changes of records could not be deleted'),
    round: () => sweepLog({ directory, now: clock.now(), isOver: () => loop.isStopping }),
  })
  app.decorate('logRetention', { run: () => loop.wake() })
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(logRetention, { name: 'log-retention', dependencies: ['db', 'clock'] })
