// Writers of the same records at the same moment, on two instances: none is lost, and the log has each in its place.
import t, { type Test } from 'tap'
import { TenantDirectory } from '../../lib/db/tenant-directory.ts'
import { asAdmin, startApp } from '../support/app.ts'
import { startLogged } from '../support/log/articles.ts'

/** Has servers that start from here on take the database for one before version 18. */
function beforeReturningOld(t: Test) {
  const { tenantById } = TenantDirectory.prototype
  TenantDirectory.prototype.tenantById = async function (id) {
    const tenant = await tenantById.call(this, id)
    return tenant && { ...tenant, returnsOld: false }
  }
  t.teardown(() => {
    TenantDirectory.prototype.tenantById = tenantById
  })
}

for (const version of ['any version', 'versions before 18'])
  t.test(`many changes of one record at once, on ${version} of PostgreSQL`, (t) =>
    changeAtOnce(t, version === 'any version' ? undefined : beforeReturningOld),
  )

async function changeAtOnce(t: Test, prepare?: (t: Test) => void) {
  prepare?.(t)
  const { send, database } = await startLogged(t)
  const senders = [send, await asAdmin(await startApp(t, database))]
  const { id } = (await send('POST', '/article', { price: '0', title: 't' })).json()
  const url = String((await send('GET', '/article/changes')).headers.link).replace(/^<(.*)>.*/, '$1')
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, at) => {
      const body = at % 3 === 0 ? { title: `t${at}` } : { price: String(at) }
      return (senders[at % 2] as typeof send)('PATCH', `/article/${id}`, body)
    }),
  )
  t.strictSame([...new Set(answers.map(({ statusCode }) => statusCode))], [200])
  const history = (await send('GET', `/article/${id}/history?limit=100`)).json()
  t.strictSame(
    history.map(({ version }: { version: number }) => version),
    Array.from({ length: 61 }, (_, at) => 61 - at),
  )
  for (const name of ['title', 'price']) {
    const values = history.flatMap(({ changes }: { changes: Record<string, object> }) => changes[name] ?? [])
    for (const [at, { old }] of values.entries()) t.strictSame(old, values[at + 1]?.new ?? null)
  }
  const changes = (await send('GET', url)).json()
  t.strictSame(
    changes.map(({ version }: { version: number }) => version),
    Array.from({ length: 60 }, (_, at) => at + 2),
  )
  t.strictSame(changes.at(-1).record, (await send('GET', `/article/${id}`)).json())
}

t.test('a guard holds where another writer was quicker', async (t) => {
  const { send } = await startLogged(t)
  const made = await send('POST', '/article', { title: 'a' })
  const { id } = made.json()
  const guarded = { 'if-match': made.headers.etag as string }
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, at) => send('PATCH', `/article/${id}`, { title: `t${at}` }, guarded)),
  )
  const codes = answers.map(({ statusCode }) => statusCode).sort()
  t.strictSame(codes, [200, ...Array(9).fill(412)])
  t.equal(
    (await send('PATCH', '/article/01980000-0000-7000-8000-000000000000', { title: 'x' })).statusCode,
    404,
  )
})
