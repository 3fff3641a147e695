// What is counted only when somebody reads the metrics: connections, caches, queues of background work.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Level } from '../lib/metrics/metrics.ts'

/** Milliseconds that a reading waits for the database; without it the other metrics are read all the same. */
const PATIENCE = 2000

function levelsOf({ pg, registry, plans, directory }: FastifyInstance): Level[] {
  return [
    {
      name: 'univera_database_connections',
      help: 'Connections of the pool, by what they do; waiting is work that waits for one',
      label: 'state',
      read: () => {
        const { totalCount, idleCount, waitingCount } = pg.pool
        return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount }
      },
    },
    {
      name: 'univera_cache_entries',
      help: 'Entries of the caches of metadata and plans',
      label: 'cache',
      read: () => ({ ...registry.sizes(), plans: plans.size }),
    },
    {
      name: 'univera_queue_length',
      help: 'Entities whose background work waits or runs, in the whole database; missing: it does not answer',
      label: 'queue',
      read: () => Promise.race([directory.queueLengths(), giveUp()]),
    },
  ]
}

function giveUp(): Promise<never> {
  return new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error('no answer')).unref())
}

async function levels(app: FastifyInstance): Promise<void> {
  const { metrics } = app
  if (metrics !== undefined) for (const level of levelsOf(app)) metrics.watch(level)
}

export default fp(levels, { name: 'levels', dependencies: ['metrics', 'db', 'registry', 'record-caches'] })
