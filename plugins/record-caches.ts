// What requests for records share: the plans of queries, which lists are worth a probe of their first records, and the
// makers of entity tags.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { RecordEtags } from '../lib/records/format/record-etags.ts'
import { PlanCache } from '../lib/records/plan-cache.ts'

declare module 'fastify' {
  interface FastifyInstance {
    plans: PlanCache
    recordEtags: RecordEtags
  }
}

async function recordCaches(app: FastifyInstance): Promise<void> {
  const { SECRET_KEY, SECRET_KEY_PREVIOUS } = app.settings
  app.decorate('plans', new PlanCache())
  app.decorate('recordEtags', new RecordEtags(SECRET_KEY, SECRET_KEY_PREVIOUS))
}

export default fp(recordCaches, { name: 'record-caches', dependencies: ['config'] })
