// A tenant whose writes wait for locks, as while its schema changes or an import holds its records, keeps no other waiting.

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { v7 as uuid } from 'uuid'
import type { TenantScope } from '../../../lib/db/scope.ts'
import type { Statement } from '../../../lib/db/statement.ts'
import { startWithAdmin } from '../../support/app.ts'
import { untilLockWaits } from '../../support/lock-waits.ts'

const QUIET = 12

const WRITES_OF_ENTITY = 4

/** Milliseconds, less than who is kept waiting waits and more than who is not takes on a loaded machine. */
const PATIENCE = 50_000

async function startTenants(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const scopes: TenantScope[] = []
  for (let n = 0; n <= QUIET; n++) {
    const id = uuid()
    await app.directory.create(id, `tenant-${n}`, async () => {})
    scopes.push((await app.directory.tenantById(id)) as TenantScope)
  }
  const connect = async () => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    t.teardown(() => client.end())
    return client
  }
  const [held, ...quiet] = scopes as [TenantScope, ...TenantScope[]]
  return { db: app.db, stranger: await connect(), watcher: await connect(), held, quiet }
}

type Db = Awaited<ReturnType<typeof startTenants>>['db']

const WHERE_AM_I = { text: "select current_setting('app.tenant_id')", values: [] }

/** Waits for a lock that no enter takes. */
const WAITING = { text: 'select app_tenant()::text, pg_advisory_xact_lock_shared($1)', values: [-99] }

const batched = (statement: Statement): Statement => ({ ...statement, cost: 'row' })

const ENTITIES = Array.from({ length: 12 }, (_, n) => 1000 + n)

const ways = {
  'at the door, together': (db: Db, scope: TenantScope, entity: number) =>
    db.write(scope, [entity], batched(WHERE_AM_I)),
  'at the door, alone': (db: Db, scope: TenantScope, entity: number) => db.write(scope, [entity], WHERE_AM_I),
  'inside, together': (db: Db, scope: TenantScope, entity: number) =>
    db.write(scope, [entity], batched(WAITING)),
  'inside, alone': (db: Db, scope: TenantScope, entity: number) => db.write(scope, [entity], WAITING),
  'in transactions': (db: Db, scope: TenantScope, entity: number) =>
    db.transaction(scope, [entity], (tx) => tx.read(WAITING)),
}

t.test('others neither wait nor fail while the writes of a tenant wait for locks', async (t) => {
  const { db, stranger, watcher, held, quiet } = await startTenants(t)
  for (const [where, write] of Object.entries(ways)) {
    await t.test(where, async (t) => {
      await stranger.query('begin')
      await stranger.query('select pg_advisory_xact_lock(e) from unnest($1::bigint[]) e', [
        [-99, ...ENTITIES],
      ])
      const waiting = Promise.allSettled(
        ENTITIES.flatMap((entity) => Array.from({ length: WRITES_OF_ENTITY }, () => write(db, held, entity))),
      )
      // Some ask with them, some later.
      for (const later of [false, true]) {
        if (later) await untilLockWaits(watcher)
        const others = quiet.flatMap((scope, n) => [
          db.write(scope, [2000 + n], batched(WHERE_AM_I)),
          db.write(scope, [2000 + n], WHERE_AM_I),
          db.read(scope, { ...WHERE_AM_I, cost: 'page' }),
          db.transaction(scope, [2000 + n], (tx) => tx.read(WHERE_AM_I)),
        ])
        const own = quiet.flatMap(({ id }) => Array.from({ length: 4 }, () => [[id]]))
        const tooLong = sleep(PATIENCE, 'still waiting', { ref: false })
        t.same(await Promise.race([Promise.all(others), tooLong]), own)
      }
      await stranger.query('commit')
      const ids = (await waiting).map((one) => (one.status === 'fulfilled' ? one.value[0]?.[0] : one.reason))
      t.same(
        ids,
        Array(ENTITIES.length * WRITES_OF_ENTITY).fill(held.id),
        'what had to wait is done in the end',
      )
    })
  }
})
