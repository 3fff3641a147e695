// Removes deleted tenants in the background, those included that another process, or this one before a restart, has not
// removed completely.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { purgeTenant } from '../lib/tenants/purge-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on deleted tenants. */
    tenantPurge: {
      /** Begins a round over all deleted tenants; resolves when it has ended. */
      run(): Promise<void>
    }
  }
}

/** Milliseconds between two rounds. */
const ROUND = 60_000

async function tenantPurge(app: FastifyInstance): Promise<void> {
  const { db, directory, blobs, log } = app
  const context = { db, directory, blobs, isOver: () => loop.isStopping }
  const loop = new BackgroundLoop({
    every: ROUND,
    onError: (error) => log.error({ err: error }, 'a deleted tenant could not be removed yet'),
    round: async () => {
      for (const id of await directory.deletedTenants()) if (!loop.isStopping) await purgeTenant(context, id)
    },
  })
  app.decorate('tenantPurge', { run: () => loop.wake() })
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(tenantPurge, { name: 'tenant-purge', dependencies: ['db', 'files'] })
