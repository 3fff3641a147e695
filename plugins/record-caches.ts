// What requests for records share: the plans of queries, which lists are worth a probe of their first records, and the
// makers of entity tags and cursors.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { CursorSeal } from '../lib/log/cursor-seal.ts'
import { RecordEtags } from '../lib/records/format/record-etags.ts'
import { PlanCache } from '../lib/records/plan-cache.ts'

declare module 'fastify' {
  interface FastifyInstance {
    plans: PlanCache
    recordEtags: RecordEtags
    cursorSeal: CursorSeal
  }
}

async function recordCaches(app: FastifyInstance): Promise<void> {
  const { SECRET_KEY, SECRET_KEY_PREVIOUS } = app.settings
  app.decorate('plans', new PlanCache())
  app.decorate('recordEtags', new RecordEtags(SECRET_KEY, SECRET_KEY_PREVIOUS))
  app.decorate('cursorSeal', new CursorSeal(SECRET_KEY, SECRET_KEY_PREVIOUS))
}

export default fp(recordCaches, { name: 'record-caches', dependencies: ['config'] })
