// What imports of many records need of the server: temporary files that go when their request has been answered and never
// fill the disk, and turns, so that imports never take all connections of the pool.

import { join } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { callerOf } from '../lib/auth/caller.ts'
import { TenantBudget } from '../lib/concurrency/tenant-budget.ts'
import { TenantLimiter } from '../lib/concurrency/tenant-limiter.ts'
import { Spool } from '../lib/files/spool.ts'

declare module 'fastify' {
  interface FastifyInstance {
    importTurns: TenantLimiter
    spoolRoom: TenantBudget
  }
  interface FastifyReply {
    /** A temporary file that lasts as long as the answer, or the connection; errors.unavailable when there is no room. */
    openSpool: () => Promise<Spool>
  }
}

/** Imports that write at the same time in this process, and those of one tenant among them. */
const MOST_AT_ONCE = 3

const MOST_OF_TENANT = 2

/** Room for temporary files: each tenant has that of so many bodies, or that of a large answer. */
const BODIES = 10

const LARGE_ANSWER = 512 * 2 ** 20

/** Tenants that may fill theirs. */
const TENANTS = 4

/** Temporary files that one tenant may have open, however small. */
const OPEN_FILES = 500

function roomFor(uploadLimit: number): TenantBudget {
  const tenant = Math.max(BODIES * uploadLimit, LARGE_ANSWER)
  return new TenantBudget({ all: TENANTS * tenant, tenant, least: tenant / OPEN_FILES })
}

async function imports(app: FastifyInstance): Promise<void> {
  const directory = join(app.settings.FILE_STORAGE_PATH, '.spool')
  const room = roomFor(app.settings.UPLOAD_LIMIT)
  app.decorate('importTurns', new TenantLimiter(MOST_AT_ONCE, MOST_OF_TENANT))
  app.decorate('spoolRoom', room)
  app.decorateReply('openSpool', async function openSpool(this: FastifyReply) {
    const spool = await Spool.open(
      directory,
      app.freeSpace.within(room.open(callerOf(this.request).tenant.id)),
    )
    const close = () => {
      spool.close().catch((error) => app.log.warn({ err: error }, 'a temporary file could not be closed'))
    }
    if (this.raw.closed || this.raw.destroyed) close()
    else this.raw.once('close', close)
    return spool
  })
}

export default fp(imports, { name: 'imports', dependencies: ['config', 'auth', 'files'] })
