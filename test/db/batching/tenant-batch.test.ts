// Transactions of several tenants: each statement runs in its own tenant, and the outcome of one tenant's batch is nothing
// to the others.

import pg from 'pg'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { insertAudit, insertFailedSignIn } from '../../../lib/audit/audit-store.ts'
import { IS_ADMITTED } from '../../../lib/db/enter.ts'
import type { TenantScope } from '../../../lib/db/scope.ts'
import type { Cost, Statement } from '../../../lib/db/statement.ts'
import type { Entity } from '../../../lib/entities/entity.ts'
import { errorCode, STALE_EPOCH } from '../../../lib/errors/codes.ts'
import type { Field } from '../../../lib/fields/field.ts'
import { insertFile } from '../../../lib/files/file-sql.ts'
import { insertStatement } from '../../../lib/records/write/insert-sql.ts'
import type { NewRecord } from '../../../lib/records/write/written-row.ts'
import { asAdmin, startWithAdmin } from '../../support/app.ts'
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

t.test('a stale write is no error of PostgreSQL, and writes nothing', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'note', fields: [{ name: 'title', type: 'string' }] })
  const scope = (await app.directory.tenantByName('default')) as TenantScope
  const stale = { ...scope, epoch: scope.epoch - 1 }
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query("select id::float8 as id from entity where name = 'note'")
  const entityId = rows[0].id as number
  const fields: Field[] = [{ name: 'title', key: 'title', type: 'string' }]
  const entity = { ...scope, tenantId: scope.id, id: entityId, fields } as unknown as Entity
  const context = { scope, entity, author: null, returning: (alias: string) => `${alias}.data::text` }
  const row = (): NewRecord => ({ id: uuid(), data: {}, keys: {}, slots: {}, links: [] })
  const caller = { id: null, username: 'x', tenant: scope } as never
  const facts = { filename: 'a', size: 1, mimeType: 'text/plain', sha256: '' } as never
  const isStale = async (asked: Promise<unknown>, what: string) => {
    const error = await asked.catch((thrown: unknown) => thrown)
    t.equal(errorCode(error), STALE_EPOCH, what)
    t.notOk(error instanceof pg.DatabaseError, `${what}: not of PostgreSQL`)
  }
  const statements: Statement[] = [
    insertStatement(context, [row()]),
    insertStatement(context, [row(), row()]),
    insertStatement(context, [{ ...row(), links: [{ field: 'f', toEntity: entityId, toId: uuid() }] }]),
    insertStatement({ ...context, scope: { ...scope, quotas: { records: 5 } } }, [row()]),
    insertFile(caller, uuid(), facts),
    insertAudit(caller, { action: 'records.export' }),
    insertFailedSignIn(scope.id, 'x', {}),
    { text: `select taken from take_requests($1, 1, 1, 1) where ${IS_ADMITTED}`, values: [scope.id] },
    { text: 'update record set version = version + 1 returning id::text', values: [] },
    { text: 'delete from record returning id::text', values: [] },
  ]
  await send('POST', '/note', { title: 'kept' })
  for (const [at, statement] of statements.entries()) {
    await isStale(app.db.write(stale, [entityId], statement), `statement ${at}`)
    await isStale(app.db.write(stale, [entityId], { ...statement, cost: 'row' }), `statement ${at}, batched`)
    const outside = await app.db.transaction(scope, [], async (tx) => {
      await tx.query("select set_config('app.tenant_id', '', true)")
      return tx.read(statement)
    })
    t.same(outside, [], `statement ${at} does nothing, without an error, where there is no tenant`)
  }
  for (const target of [[entityId], 'metadata'] as const)
    await isStale(
      app.db.transaction(stale, target, async () => t.fail('no work is done')),
      String(target),
    )
  t.match(await client.query('select count(*) from record where entity_id > 0'), { rows: [{ count: '1' }] })
  t.match(await client.query("select count(*) from audit where actor = 'x'"), { rows: [{ count: '0' }] })

  // In one transaction with those of others, each of which is written once.
  const others: TenantScope[] = []
  for (let n = 0; n < 4; n++) {
    const id = uuid()
    await app.directory.create(id, `tenant-${n}`, async () => {})
    others.push((await app.directory.tenantById(id)) as TenantScope)
  }
  const entries = [stale, ...others, stale].map((tenant, at) =>
    app.db.write(tenant, [at], {
      ...insertAudit({ id: null, username: 'beside', tenant }, { action: 'records.export' }),
      cost: 'row',
    }),
  )
  t.same(await settled(entries), [STALE_EPOCH, [[]], [[]], [[]], [[]], STALE_EPOCH])
  t.match(await client.query("select count(*) from audit where actor = 'beside'"), { rows: [{ count: '4' }] })
})

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
