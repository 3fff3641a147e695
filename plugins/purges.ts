// Purges deleted entities when their time is over, and dropped fields when that was asked for: in the background, batch by
// batch, with a pause as long as the batch after it. Any number of processes may run it: an entity is worked on by one at a
// time, and the work of one that died is taken over.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import type { EntityJob } from '../lib/schema/batch-step-store.ts'
import { purgeFieldsStep } from '../lib/schema/deletion/field-purge-step-store.ts'
import { purgeStep } from '../lib/schema/deletion/purge-step-store.ts'
import { claimEntityPurge, claimFieldPurge } from '../lib/schema/entity-job-claim-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on deleted entities and dropped fields. */
    purges: {
      /** Begins a round over all that is due; resolves when it has ended. */
      run(): Promise<void>
    }
  }
}

/** Milliseconds between two rounds. */
const ROUND = 60_000

const SHORTEST_PAUSE = 5

async function purges(app: FastifyInstance): Promise<void> {
  const worker = randomUUID()
  const loop = new BackgroundLoop({
    every: ROUND,
    round,
    onError: (error) => app.log.error({ err: error }, 'what is deleted could not be purged yet'),
  })

  async function round(): Promise<void> {
    await purgeAll(() => claimFieldPurge(app.directory, worker), purgeFieldsStep)
    await purgeAll(() => claimEntityPurge(app.directory, worker), purgeStep)
  }

  async function purgeAll(claim: () => Promise<EntityJob | null>, step: typeof purgeStep): Promise<void> {
    while (!loop.isStopping) {
      const job = await claim()
      if (job === null) return
      await purge(job, step)
    }
  }

  async function purge(job: EntityJob, step: typeof purgeStep): Promise<void> {
    while (!loop.isStopping) {
      const since = performance.now()
      if ((await step(app, job)) === 'done') return
      await loop.pause(Math.max(performance.now() - since, SHORTEST_PAUSE))
    }
  }

  app.decorate('purges', { run: () => loop.wake() })
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(purges, { name: 'purges', dependencies: ['db'] })
