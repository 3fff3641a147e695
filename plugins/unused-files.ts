// Deletes files that no record has held for UNUSED_FILE_TTL, at start and once a day.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { sweepUnusedFiles } from '../lib/files/unused-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The background work on unused files; undefined: they are kept. */
    unusedFiles: { /** Begins a round; resolves when it has ended. */ sweep(): Promise<void> } | undefined
  }
}

const DAY_MS = 24 * 60 * 60 * 1000

async function unusedFiles(app: FastifyInstance): Promise<void> {
  const { UNUSED_FILE_TTL: ttl } = app.settings
  if (!ttl) {
    app.decorate('unusedFiles', undefined)
    return
  }
  const { blobs, clock, db, directory, log } = app
  const loop = new BackgroundLoop({
    every: DAY_MS,
    onError: (error) => log.warn({ err: error }, 'unused files could not be deleted'),
    round: async () => {
      const before = new Date(clock.now() - ttl)
      const files = await sweepUnusedFiles({ blobs, db, directory, before, isOver: () => loop.isStopping })
      if (files > 0) log.info({ files }, 'deleted files that no record has held for UNUSED_FILE_TTL')
    },
  })
  app.decorate('unusedFiles', { sweep: () => loop.wake() })
  // Not awaited: the server answers meanwhile.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(unusedFiles, { name: 'unused-files', dependencies: ['config', 'db', 'files', 'clock'] })
