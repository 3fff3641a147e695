// Fills index slots in the background, one batch at a time with a pause as long between two, so that requests keep the
// larger part of the database. Any number of processes may run it: each entity is one's at a time, and what a dead one
// leaves is taken over.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { SlotFill } from '../lib/postgres/tenant-db.ts'
import { Alarm } from '../lib/process/alarm.ts'
import { fillStep } from '../lib/slots/fill-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on index slots of this process. */
    indexer: {
      /** There may be something to fill: looks now rather than at the next round. */
      wake(): void
    }
  }
}

/** Milliseconds between two looks for what other processes have left. */
const ROUND = 10_000
const SHORTEST_PAUSE = 5

async function indexer(app: FastifyInstance): Promise<void> {
  const worker = randomUUID()
  const alarm = new Alarm()
  let closing = false
  let running = Promise.resolve()

  async function fill(job: SlotFill): Promise<void> {
    while (!closing) {
      const since = performance.now()
      if ((await fillStep(app.db, job)) === 'done') return
      await alarm.wait(Math.max(performance.now() - since, SHORTEST_PAUSE))
    }
  }

  async function fillAll(): Promise<void> {
    while (!closing) {
      const job = await app.db.claimSlotFill(worker)
      if (job === null) return
      await fill(job)
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      await fillAll().catch((error) => app.log.error({ err: error }, 'index slots could not be filled'))
      if (closing) return
      await alarm.wait(ROUND)
    }
  }

  app.decorate('indexer', { wake: () => alarm.ring() })
  app.addHook('onReady', async () => {
    running = run()
  })
  app.addHook('onClose', async () => {
    closing = true
    alarm.ring()
    await running
  })
}

export default fp(indexer, { name: 'indexer', dependencies: ['db'] })
