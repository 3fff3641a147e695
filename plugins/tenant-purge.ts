// Removes in the background what deleted tenants have left, also those that another process, or this one before it was
// restarted, did not get to the end of.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { WakeSignal } from '../lib/concurrency/wake-signal.ts'
import { purgeTenant } from '../lib/tenants/purge-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on deleted tenants. */
    tenantPurge: {
      /** A tenant was deleted: begins now; resolves when a round over all of them is done. */
      run(): Promise<void>
    }
  }
}

/** Milliseconds between two looks for what others have left. */
const ROUND = 60_000

async function tenantPurge(app: FastifyInstance): Promise<void> {
  const alarm = new WakeSignal()
  let closing = false
  let running = Promise.resolve()
  let round: Promise<void> = Promise.resolve()
  const context = { db: app.db, directory: app.directory, blobs: app.blobs, isOver: () => closing }

  async function purgeAll(): Promise<void> {
    try {
      for (const id of await app.directory.deletedTenants()) if (!closing) await purgeTenant(context, id)
    } catch (error) {
      app.log.error({ err: error }, 'a deleted tenant could not be removed yet')
    }
  }

  /** One round after the other, never two at a time. */
  function next(): Promise<void> {
    round = round.then(purgeAll)
    return round
  }

  async function run(): Promise<void> {
    while (!closing) {
      await next()
      await alarm.wait(ROUND)
    }
  }

  app.decorate('tenantPurge', { run: next })
  app.addHook('onReady', async () => {
    running = run()
  })
  app.addHook('onClose', async () => {
    closing = true
    alarm.ring()
    await running
    await round
  })
}

export default fp(tenantPurge, { name: 'tenant-purge', dependencies: ['db', 'files'] })
