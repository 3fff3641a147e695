// Prepares changes of definitions beside live traffic and puts them in force: batch by batch in the background, with a pause as
// long as the batch after it, so that requests keep the larger part of the database. Any number of processes may run it: a
// change is worked on by one at a time, and the work of one that died is taken over.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { conversionStep } from '../lib/records/conversion/conversion-step-store.ts'
import type { EntityJob } from '../lib/schema/batch-step-store.ts'
import { claimConversion } from '../lib/schema/entity-job-claim-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The changes of definitions that are being prepared. */
    conversions: {
      /** Begins a round over all that is due; resolves when it has ended. */
      run(): Promise<void>
    }
  }
}

/** Milliseconds between two rounds. */
const ROUND = 5_000

const SHORTEST_PAUSE = 5

/** Milliseconds that one change is worked on before another one's turn. */
const SLICE = 2_000

async function conversions(app: FastifyInstance): Promise<void> {
  const worker = randomUUID()
  const loop = new BackgroundLoop({
    every: ROUND,
    round,
    onError: (error) => app.log.error({ err: error }, 'a change of a definition could not be prepared yet'),
  })

  async function round(): Promise<void> {
    while (!loop.isStopping) {
      const job = await claimConversion(app.directory, worker)
      if (job === null) return
      await prepare(job)
    }
  }

  async function prepare(job: EntityJob): Promise<void> {
    const began = performance.now()
    while (!loop.isStopping) {
      const since = performance.now()
      if ((await conversionStep(app, job)) === 'done') return app.indexer.wake()
      const now = performance.now()
      await loop.pause(Math.max(now - since, SHORTEST_PAUSE))
      if (now - began > SLICE) return
    }
  }

  app.decorate('conversions', { run: () => loop.wake() })
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(conversions, { name: 'conversions', dependencies: ['db', 'indexer'] })
