// Statements of two tenants at random over two connections: reads, writes, refusals, locks taken in any order, timeouts,
// old epochs, connections that are cut. Each answer finds its asker, and what is acknowledged has happened once.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { ensureFirstAdmin } from '../../lib/auth/account-recovery-store.ts'
import { errorCode, STALE_EPOCH } from '../../lib/errors/codes.ts'
import { ADMIN, asAdmin, startApp } from '../support/app.ts'
import { createTestDatabase } from '../support/test-database.ts'

const ASKED = 3000

const AT_ONCE = 40

const TIMEOUT_MS = 300

async function start(test: typeof t) {
  const database = await createTestDatabase(test)
  const app = await startApp(test, { ...database, poolSize: 2 } as typeof database, {
    STATEMENT_TIMEOUT: TIMEOUT_MS,
  })
  await ensureFirstAdmin(app, ADMIN)
  const send = await asAdmin(app)
  const admin = { username: 'admin', password: 'a password' }
  for (const name of ['here', 'there']) await send('POST', '/tenants', { name, admin })
  const tenants = await Promise.all(['here', 'there'].map((name) => app.directory.tenantByName(name)))
  const watcher = new pg.Client({ connectionString: database.url })
  await watcher.connect()
  test.teardown(() => watcher.end())
  return { db: app.db, tenants: tenants.filter((tenant) => tenant !== null), watcher }
}

/** Its row tells whether it has happened, and how often: nothing keeps it from being there twice. */
const WRITE = `insert into audit (tenant_id, id, actor, action, target, details)
  values (app_tenant(), gen_random_uuid(), 'asker', 'test.write', $1, '{}') returning target, tenant_id::text`

const ALONGSIDE = [
  'pg_advisory_xact_lock(-1 - $2::int % 3), pg_advisory_xact_lock(-1 - ($2::int + 1) % 3)',
  '1 / ($2::int - $2::int)',
  `pg_sleep(case when $2::int % 7 = 0 then 1 else 0 end)`,
  '$2::int',
]

/** What is known not to have happened. */
const UNDONE = new Set(['22012', '57014', '40P01', STALE_EPOCH])

const pick = <T>(among: readonly T[]) => among[Math.floor(Math.random() * among.length)] as T

t.test('each answer finds its asker, and what is acknowledged has happened once', async (t) => {
  const { db, tenants, watcher } = await start(t as never)
  const acknowledged: string[] = []
  const undone: string[] = []
  const codes = new Map<string, number>()
  const failed = (error: unknown) => {
    const code = errorCode(error) || 'lost'
    codes.set(code, (codes.get(code) ?? 0) + 1)
    return code
  }

  async function read(tenant: (typeof tenants)[number], n: number) {
    const cost = pick(['open', 'row', 'page'] as const)
    const bad = n % 11 === 0 ? ', 1 / ($2::int - $2::int)' : ', $2::int'
    const text = `select $1::text, app_tenant()::text${bad}${' '.repeat(n % 5)}`
    const rows = await db.read(tenant, { text, values: [`for ${n}`, n], cost }).catch(failed)
    if (typeof rows === 'string' || `${rows}` === `for ${n},${tenant.id},${n}`) return
    t.fail(`read ${n} was answered with ${rows}`)
  }

  async function write(tenant: (typeof tenants)[number], n: number) {
    const name = randomUUID()
    const scope = n % 13 === 0 ? { ...tenant, epoch: tenant.epoch - 1 } : tenant
    const text = `with w as (${WRITE}) select w.*, ${pick(ALONGSIDE)} from w`
    const cost = n % 3 === 0 ? 'open' : 'row'
    const rows = await db.write(scope, [n % 2], { text, values: [name, n], cost }).catch(failed)
    if (typeof rows === 'string') return UNDONE.has(rows) ? undone.push(name) : 0
    if (`${rows[0]?.slice(0, 2)}` !== `${name},${tenant.id}`)
      t.fail(`write ${name} was answered with ${rows}`)
    return acknowledged.push(name)
  }

  let asked = 0
  const askers = Array.from({ length: AT_ONCE }, async () => {
    while (asked < ASKED) {
      const n = asked++
      await (n % 2 ? read : write)(pick(tenants), n)
    }
  })
  const done = Promise.all(askers)
  let isDone = false
  done.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await sleep(200)
    await watcher.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
      and pid <> pg_backend_pid() and random() < 0.3`)
  }
  await done

  const { rows } = await watcher.query(`select target, count(*)::int as times from audit
    where action = 'test.write' group by target`)
  const times = new Map(rows.map(({ target, times }) => [target, times]))
  t.ok(acknowledged.length > 100, `${acknowledged.length} writes acknowledged`)
  t.same(
    acknowledged.filter((name) => times.get(name) !== 1),
    [],
    'all of them are there, once',
  )
  t.same(
    undone.filter((name) => times.has(name)),
    [],
    'what was refused is not',
  )
  t.same(
    [...times.values()].filter((n) => n > 1),
    [],
    'nothing is there twice',
  )
  const seen = JSON.stringify(Object.fromEntries(codes))
  for (const code of ['22012', '57014', STALE_EPOCH]) t.ok(codes.has(code), `${code} among ${seen}`)
  t.notOk(codes.has('26000'), seen)
  // A connection of the pool that was cut while nobody used it is met by who uses it next.
  const one = () => db.read(tenants[0] as (typeof tenants)[number], { text: 'select 1', values: [] })
  for (let tries = 0; tries < 20; tries++) await one().catch(failed)
  t.equal(await one().then(String), '1')
})
