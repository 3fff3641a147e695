// Keeps from one request for records to the next: the plans of queries, and which lists are worth a probe of their first
// records.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { PlanCache } from '../lib/records/plan-cache.ts'
import { ProbeBackoff } from '../lib/records/read/probe-backoff.ts'

declare module 'fastify' {
  interface FastifyInstance {
    plans: PlanCache
    probes: ProbeBackoff
  }
}

async function recordCaches(app: FastifyInstance): Promise<void> {
  app.decorate('plans', new PlanCache())
  app.decorate('probes', new ProbeBackoff())
}

export default fp(recordCaches, { name: 'record-caches' })
