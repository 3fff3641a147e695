// Index slots, in the background: gives them to fields that queries ask for, and fills them, one batch at a time with a
// pause as long between two, so that requests keep the larger part of the database. Any number of processes may run it:
// each entity is one's at a time, and what a dead one leaves is taken over.

import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { WakeSignal } from '../lib/concurrency/wake-signal.ts'
import type { SlotFill } from '../lib/db/tenant-directory.ts'
import { assignSlot } from '../lib/indexing/assign-store.ts'
import { fillStep } from '../lib/indexing/fill-store.ts'
import { type IndexRequest, MissingIndexCounter } from '../lib/indexing/missing-index-counter.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on index slots of this process. */
    indexer: {
      /** There may be something to fill: looks now rather than at the next round. */
      wake(): void
    }
    /** What queries tell the indexer. */
    missingIndexes: MissingIndexCounter
  }
}

/** Milliseconds between two looks for what other processes have left. */
const ROUND = 10_000

const SHORTEST_PAUSE = 5

async function indexer(app: FastifyInstance): Promise<void> {
  const worker = randomUUID()
  const alarm = new WakeSignal()
  const requests: IndexRequest[] = []
  const missingIndexes = new MissingIndexCounter((request) => {
    requests.push(request)
    alarm.ring()
  })
  let closing = false
  let running = Promise.resolve()

  async function fill(job: SlotFill): Promise<void> {
    while (!closing) {
      await assignSlots()
      const since = performance.now()
      if ((await fillStep(app, job)) === 'done') return
      await alarm.wait(Math.max(performance.now() - since, SHORTEST_PAUSE))
    }
  }

  async function fillAll(): Promise<void> {
    while (!closing) {
      const job = await app.directory.claimSlotFill(worker)
      if (job === null) return
      await fill(job)
    }
  }

  async function assignSlots(): Promise<void> {
    for (const request of requests.splice(0)) {
      if (closing) return
      try {
        if (await assignSlot(app, request)) app.log.info(request, 'a field gets an index: queries ask for it')
      } catch (error) {
        app.log.error({ err: error, ...request }, 'a field could not be given an index')
      }
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      await assignSlots()
      await fillAll().catch((error) => app.log.error({ err: error }, 'index slots could not be filled'))
      if (closing) return
      await alarm.wait(ROUND)
    }
  }

  app.decorate('indexer', { wake: () => alarm.ring() })
  app.decorate('missingIndexes', missingIndexes)
  app.addHook('onReady', async () => {
    running = run()
  })
  app.addHook('onClose', async () => {
    closing = true
    alarm.ring()
    await running
  })
}

export default fp(indexer, { name: 'indexer', dependencies: ['db', 'registry'] })
