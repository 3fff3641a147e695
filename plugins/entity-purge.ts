// Purges deleted entities in the background when their time is over, batch by batch, with a pause as long as the batch after
// it. Any number of processes may run it: an entity is purged by one at a time, and the work of one that died is taken over.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { claimEntityPurge, type EntityPurge, purgeStep } from '../lib/schema/deletion/purge-step-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on deleted entities. */
    entityPurge: {
      /** Begins a round over all that are due; resolves when it has ended. */
      run(): Promise<void>
    }
  }
}

/** Milliseconds between two rounds. */
const ROUND = 60_000

const SHORTEST_PAUSE = 5

async function entityPurge(app: FastifyInstance): Promise<void> {
  const worker = randomUUID()
  const loop = new BackgroundLoop({
    every: ROUND,
    round,
    onError: (error) => app.log.error({ err: error }, 'a deleted entity could not be purged yet'),
  })

  async function round(): Promise<void> {
    while (!loop.isStopping) {
      const next = await claimEntityPurge(app, worker)
      if (next === null) return
      await purge(next)
    }
  }

  async function purge(entity: EntityPurge): Promise<void> {
    while (!loop.isStopping) {
      const since = performance.now()
      if ((await purgeStep(app, entity)) === 'done') return
      await loop.pause(Math.max(performance.now() - since, SHORTEST_PAUSE))
    }
  }

  app.decorate('entityPurge', { run: () => loop.wake() })
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(entityPurge, { name: 'entity-purge', dependencies: ['db'] })
