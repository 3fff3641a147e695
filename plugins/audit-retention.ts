// Deletes audit entries that are past AUDIT_RETENTION, at start and once a day.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { sweepAudit } from '../lib/audit/retention-store.ts'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export interface AuditRetentionOptions {
  /** Milliseconds; 0: entries are kept for good. */
  retention: number
}

async function auditRetention(app: FastifyInstance, { retention }: AuditRetentionOptions): Promise<void> {
  const { directory, log } = app
  const loop = new BackgroundLoop({
    every: DAY_MS,
    onError: (error) => log.warn({ err: error }, 'old audit entries could not be deleted'),
    round: async () => {
      const entries = await sweepAudit({ directory, retention, isOver: () => loop.isStopping })
      if (entries > 0) log.info({ entries }, 'deleted audit entries past their retention')
    },
  })
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(auditRetention, { name: 'audit-retention', dependencies: ['db'] })
