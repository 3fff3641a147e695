// What bounds the audit log: failed sign-ins in an hour, and the retention of all entries.

import pg from 'pg'
import t from 'tap'
import { sweepAudit } from '../../lib/audit/retention-store.ts'
import { addUser, asAdmin, startApp, startWithAdmin } from '../support/app.ts'
import { until } from '../support/until.ts'

t.test('of the failed sign-ins in an hour a thousand are recorded, then that there are more', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const fail = (username: string) =>
    app.inject({ method: 'POST', url: '/auth/token', payload: { username, password: 'wrong' } })
  const failures = async () => {
    const entries = (await admin('GET', '/audit?action=in.(sign_in.failure,sign_in.unrecorded)')).json()
    return entries.map(({ actor, action }: Record<string, string>) => [action, actor])
  }
  await fail('first')
  await client.query('update stranger_window set recorded = 999')
  for (const name of ['thousandth', 'beyond', 'far beyond']) await fail(name)
  const recorded = [
    ['sign_in.unrecorded', 'univera'],
    ['sign_in.failure', 'thousandth'],
    ['sign_in.failure', 'first'],
  ]
  t.strictSame(await failures(), recorded)
  await fail('none/nobody')
  await client.query("update stranger_window set began_at = now() - interval '61 minutes'")
  await fail('next hour')
  t.strictSame(await failures(), [['sign_in.failure', 'next hour'], ...recorded])
})

t.test('entries past their retention are deleted, and by nothing else', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await addUser(app, 'alice', 'user')
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(`update audit set created_at = now() - interval '40 days' where action = 'user.create'`)
  const actions = async () =>
    new Set((await admin('GET', '/audit')).json().map(({ action }: { action: string }) => action))
  await startApp(t, database)
  const sweep = (retention: number) =>
    sweepAudit({ directory: app.directory, retention, isOver: () => false })
  t.equal(await sweep(0), 0)
  t.ok((await actions()).has('user.create'), 'kept without a retention')
  await startApp(t, database, { AUDIT_RETENTION: 30 * 86_400_000 })
  await until(async () => !(await actions()).has('user.create'))
  t.ok((await actions()).has('sign_in.success'), 'younger ones stay')
  t.equal(await sweep(1), 0, 'never those of today')
})
