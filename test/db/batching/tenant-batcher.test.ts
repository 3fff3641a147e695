// Transactions that visit several tenants: each statement runs in its own tenant, and what becomes of one visit is
// nothing to the others.

import pg from 'pg'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { isStatementError } from '../../../lib/db/batching/tenant-batcher.ts'
import { TenantQuery } from '../../../lib/db/batching/tenant-query.ts'
import type { TenantScope } from '../../../lib/db/scope.ts'
import type { Statement } from '../../../lib/db/statement.ts'
import { errorCode, STALE_EPOCH } from '../../../lib/errors/codes.ts'
import { startWithAdmin } from '../../support/app.ts'

const TENANTS = 20

async function startTenants(test: typeof t) {
  const { app } = await startWithAdmin(test as never)
  const scopes: TenantScope[] = []
  for (let n = 0; n < TENANTS; n++) {
    const id = uuid()
    await app.db.create(id, `tenant-${n}`, async () => {})
    scopes.push((await app.db.tenantById(id)) as TenantScope)
  }
  const visits: number[] = []
  const tenants: (string | undefined)[][] = []
  const { submit } = TenantQuery.prototype
  TenantQuery.prototype.submit = function (wire) {
    visits.push(this.batches.length)
    tenants.push(this.batches.map(({ enter: entrance }) => entrance[0]?.values[0]))
    return submit.call(this, wire)
  }
  test.teardown(() => {
    TenantQuery.prototype.submit = submit
  })
  return { db: app.db, scopes, visits, tenants }
}

const select = (sql: string, ...values: unknown[]): Statement => ({ text: `select ${sql}`, values })

const whereAmI = select("current_setting('app.tenant_id'), (select count(*) from tenant)")

const settled = async (asked: Promise<unknown>[]) =>
  (await Promise.allSettled(asked)).map((one) =>
    one.status === 'fulfilled' ? one.value : errorCode(one.reason) || one.reason.kind?.code,
  )

for (const how of ['readQuick', 'readBatched'] as const) {
  t.test(`${how}: each statement runs in its own tenant, and sees no other`, async (t) => {
    const { db, scopes, visits } = await startTenants(t as never)
    const asked = [...scopes, ...scopes].map((scope) => db[how](scope, whereAmI))
    t.same(
      await settled(asked),
      [...scopes, ...scopes].map(({ id }) => [[id, '1']]),
    )
    t.ok(Math.max(...visits) > 1, `tenants in each transaction: ${visits}`)
  })

  t.test(`${how}: stale, broken and too large reads are nobody else's`, async (t) => {
    const { db, scopes } = await startTenants(t as never)
    const own = ({ id }: TenantScope, at: number) => {
      if (at === 3) return STALE_EPOCH
      if (at === 5) return '22012'
      return at === 8 ? 'answer_too_large' : [[id, '1']]
    }
    const asked = scopes.map((scope, at) => {
      if (at === 3) return db[how]({ ...scope, epoch: scope.epoch - 1 }, whereAmI)
      if (at === 5) return db[how](scope, select('1 / $1::int', 0))
      return at === 8
        ? db[how](scope, select("repeat('x', $1::int)", 33 * 2 ** 20))
        : db[how](scope, whereAmI)
    })
    t.same(await settled(asked), scopes.map(own))
  })
}

t.test('what ends a connection is no fault of a statement: a commit may have been under way', async (t) => {
  const of = (severity: string, code: string) =>
    isStatementError(Object.assign(new pg.DatabaseError('it failed', 0, 'error'), { severity, code }))
  t.ok(of('ERROR', '23505'))
  t.ok(of('ERROR', '53100'))
  t.notOk(of('PANIC', '53100'), 'no room for the log, met in the middle of a commit')
  t.notOk(of('FATAL', '57P01'))
  t.notOk(isStatementError(new Error('Connection terminated unexpectedly')))
})

t.test('a tenant who reads much keeps none waiting: his reads travel alone for a while', async (t) => {
  const { db, scopes, tenants } = await startTenants(t as never)
  const [bulky, ...others] = scopes as [TenantScope, ...TenantScope[]]
  const much = select("repeat('x', $1::int)", 2 ** 20)
  await db.readBatched(bulky, much)
  tenants.length = 0
  await Promise.all([
    ...Array.from({ length: 20 }, () => db.readBatched(bulky, much)),
    ...others.map((scope) => db.readBatched(scope, whereAmI)),
  ])
  const withBulky = tenants.filter((ids) => ids.includes(bulky.id))
  t.same(
    withBulky,
    Array.from({ length: 20 }, () => [bulky.id]),
  )
  t.ok(Math.max(...tenants.map(({ length }) => length)) > 1, 'others have company')
})
