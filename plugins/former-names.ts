// Former names of fields and entities: when each was last used, and an hourly round that ends those whose time is over.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { AliasUse } from '../lib/schema/alias-use-store.ts'
import { endAliases } from '../lib/schema/change/end-alias-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    aliasUse: AliasUse
    /** The background work on former names. */
    aliasSweep: {
      /** Begins a round; resolves when it has ended. */
      run(): Promise<void>
    }
  }
}

/** Milliseconds between two rounds. */
const ROUND = 3_600_000

async function formerNames(app: FastifyInstance): Promise<void> {
  const { db, directory, clock, log } = app
  const loop = new BackgroundLoop({
    every: ROUND,
    onError: (error) => log.error({ err: error }, 'former names could not be ended'),
    round: () => endAliases({ db, directory }, clock.now()),
  })
  app.decorate('aliasUse', new AliasUse(db))
  app.decorate('aliasSweep', { run: () => loop.wake() })
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(formerNames, { name: 'former-names', dependencies: ['db', 'clock'] })
