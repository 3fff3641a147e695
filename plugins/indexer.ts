// Assigns index slots in the background to fields that queries lack an index on, and fills them: one batch at a time, with a
// pause as long as the batch after it, so that requests keep the larger part of the database. Any number of processes may run
// it: an entity is filled by one at a time, and the work of one that died is taken over.

import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import type { SlotFill } from '../lib/db/tenant-directory.ts'
import { assignSlot } from '../lib/indexing/assign-store.ts'
import { fillStep } from '../lib/indexing/fill-store.ts'
import { keyFillStep } from '../lib/indexing/key-fill-store.ts'
import { type IndexRequest, MissingIndexCounter } from '../lib/indexing/missing-indexes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on index slots of this process. */
    indexer: {
      /** Begins a round: there may be slots to fill. */
      wake(): void
    }
    /** Counts the indexes that queries lack; the frequent ones are assigned. */
    missingIndexes: MissingIndexCounter
  }
}

/** Milliseconds between two rounds. */
const ROUND = 10_000

const SHORTEST_PAUSE = 5

async function indexer(app: FastifyInstance): Promise<void> {
  const worker = randomUUID()
  const requests: IndexRequest[] = []
  const missingIndexes = new MissingIndexCounter((request) => {
    requests.push(request)
    loop.wake()
  })
  const loop = new BackgroundLoop({
    every: ROUND,
    round,
    onError: (error) => app.log.error({ err: error }, 'index slots could not be filled'),
  })

  async function round(): Promise<void> {
    await assignSlots()
    await fillAll(() => app.directory.claimSlotFill(worker), fillStep)
    await fillAll(() => app.directory.claimKeyFill(worker), keyFillStep)
  }

  async function fillAll(claim: () => Promise<SlotFill | null>, step: typeof fillStep): Promise<void> {
    while (!loop.isStopping) {
      const job = await claim()
      if (job === null) return
      await fill(job, step)
    }
  }

  async function fill(job: SlotFill, step: typeof fillStep): Promise<void> {
    while (!loop.isStopping) {
      const since = performance.now()
      if ((await step(app, job)) === 'done') return
      await loop.pause(Math.max(performance.now() - since, SHORTEST_PAUSE))
      await assignSlots()
    }
  }

  async function assignSlots(): Promise<void> {
    for (const request of requests.splice(0)) {
      if (loop.isStopping) return
      try {
        if (await assignSlot(app, request)) app.log.info(request, 'a field gets an index: queries ask for it')
      } catch (error) {
        app.log.error({ err: error, ...request }, 'a field could not be given an index')
      }
    }
  }

  app.decorate('indexer', { wake: () => void loop.wake() })
  app.decorate('missingIndexes', missingIndexes)
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(indexer, { name: 'indexer', dependencies: ['db', 'registry'] })
