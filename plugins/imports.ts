// What imports of many records need of the server: temporary files that go when their request has been answered, and turns,
// so that they never take all connections of the pool.
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import pLimit from 'p-limit'
import { Spool } from '../lib/files/spool.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Runs the work when fewer than MOST_AT_ONCE others are under way. */
    importInTurn: <T>(work: () => Promise<T>) => Promise<T>
  }
  interface FastifyReply {
    /** A temporary file that lasts as long as the answer, or the connection. */
    openSpool: () => Promise<Spool>
  }
}

/** Imports that write at the same time in this process; each holds a connection until it is done. */
const MOST_AT_ONCE = 3

async function imports(app: FastifyInstance): Promise<void> {
  const directory = join(app.settings.FILE_STORAGE_PATH, '.spool')
  app.decorate('importInTurn', pLimit(MOST_AT_ONCE))
  app.decorateReply('openSpool', async function openSpool(this: FastifyReply) {
    const spool = await Spool.open(directory)
    const close = () => {
      spool.close().catch((error) => app.log.warn({ err: error }, 'a temporary file could not be closed'))
    }
    if (this.raw.closed || this.raw.destroyed) close()
    else this.raw.once('close', close)
    return spool
  })
}

export default fp(imports, { name: 'imports', dependencies: ['config', 'files'] })
