// Transactions of several tenants: each statement runs in its own tenant, and the outcome of one tenant's batch is nothing
// to the others.

import pg from 'pg'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import type { TenantScope } from '../../../lib/db/scope.ts'
import type { Cost, Statement } from '../../../lib/db/statement.ts'
import { errorCode, STALE_EPOCH } from '../../../lib/errors/codes.ts'
import { startWithAdmin } from '../../support/app.ts'
import { onStatements } from '../../support/sent-statements.ts'

const TENANTS = 20

async function startTenants(test: typeof t) {
  const { app } = await startWithAdmin(test as never)
  const scopes: TenantScope[] = []
  for (let n = 0; n < TENANTS; n++) {
    const id = uuid()
    await app.directory.create(id, `tenant-${n}`, async () => {})
    scopes.push((await app.directory.tenantById(id)) as TenantScope)
  }
  const tenants: unknown[][] = []
  onStatements(test as never, (sent) => {
    const enters = sent.filter(({ name }) => name?.startsWith('enter_'))
    if (enters.length > 0) tenants.push(enters.map(({ values }) => values?.[0]))
  })
  return { db: app.db, scopes, tenants }
}

const select = (cost: Cost, sql: string, ...values: unknown[]): Statement => ({
  text: `select ${sql}`,
  values,
  cost,
})

const whereAmI = (cost: Cost) =>
  select(cost, "current_setting('app.tenant_id'), (select count(*) from tenant)")

const settled = async (asked: Promise<unknown>[]) =>
  (await Promise.allSettled(asked)).map((one) =>
    one.status === 'fulfilled' ? one.value : errorCode(one.reason) || one.reason.kind?.code,
  )

for (const cost of ['row', 'page'] as const) {
  t.test(`cost ${cost}: each statement runs in its own tenant, and sees no other`, async (t) => {
    const { db, scopes, tenants } = await startTenants(t as never)
    const asked = [...scopes, ...scopes].map((scope) => db.read(scope, whereAmI(cost)))
    t.same(
      await settled(asked),
      [...scopes, ...scopes].map(({ id }) => [[id, '1']]),
    )
    const sizes = tenants.map(({ length }) => length)
    t.ok(Math.max(...sizes) > 1, `tenants in each transaction: ${sizes}`)
  })

  t.test(`cost ${cost}: stale, broken and too large reads are nobody else's`, async (t) => {
    const { db, scopes } = await startTenants(t as never)
    const own = ({ id }: TenantScope, at: number) => {
      if (at === 3) return STALE_EPOCH
      if (at === 5) return '22012'
      return at === 8 ? 'answer_too_large' : [[id, '1']]
    }
    const asked = scopes.map((scope, at) => {
      if (at === 3) return db.read({ ...scope, epoch: scope.epoch - 1 }, whereAmI(cost))
      if (at === 5) return db.read(scope, select(cost, '1 / $1::int', 0))
      return at === 8
        ? db.read(scope, select(cost, "repeat('x', $1::int)", 33 * 2 ** 20))
        : db.read(scope, whereAmI(cost))
    })
    t.same(await settled(asked), scopes.map(own))
  })
}

t.test(
  'a stale read is no error of PostgreSQL, which would log it, whatever becomes of its statement',
  async (t) => {
    const { db, scopes } = await startTenants(t as never)
    const [scope] = scopes as [TenantScope]
    const stale = { ...scope, epoch: scope.epoch - 1 }
    const planned = { text: 'select 1', values: [], planEachTime: true }
    const refused = [
      ...(['row', 'page', 'open'] as const).map((cost) => () => db.read(stale, whereAmI(cost))),
      () => db.read(stale, planned),
      () => db.read(stale, select('row', '1 / $1::int', 0)),
      () => db.stream(stale, whereAmI('open')),
    ]
    for (const refuse of refused) {
      const error = await refuse().catch((thrown: unknown) => thrown)
      t.equal(errorCode(error), STALE_EPOCH)
      t.notOk(error instanceof pg.DatabaseError)
    }
    t.same(await db.read(scope, planned), [['1']])
    const batches = await db.stream(scope, whereAmI('open'))
    // A stream has one column.
    t.same(await batches.next(), [[scope.id]])
    await batches.close()
  },
)

t.test('a tenant with large reads keeps none waiting: they run alone for a while', async (t) => {
  const { db, scopes, tenants } = await startTenants(t as never)
  const [bulky, ...others] = scopes as [TenantScope, ...TenantScope[]]
  const much = select('page', "repeat('x', $1::int)", 2 ** 20)
  await db.read(bulky, much)
  tenants.length = 0
  await Promise.all([
    ...Array.from({ length: 20 }, () => db.read(bulky, much)),
    ...others.map((scope) => db.read(scope, whereAmI('page'))),
  ])
  const withBulky = tenants.filter((ids) => ids.includes(bulky.id))
  t.same(
    withBulky,
    Array.from({ length: 20 }, () => [bulky.id]),
  )
  t.ok(Math.max(...tenants.map(({ length }) => length)) > 1, 'others have company')
})
