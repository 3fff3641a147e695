// The first admin of an empty database, made once whoever starts, and a new password for one who lost his.
import t from 'tap'
import { ensureFirstAdmin, resetPassword } from '../../lib/auth/account-recovery-store.ts'
import { ADMIN, as, signIn, startApp, startWithAdmin } from '../support/app.ts'
import { createTestDatabase } from '../support/test-database.ts'

t.test('of five servers that start at once one makes the first admin', async (t) => {
  const database = await createTestDatabase(t)
  const apps = await Promise.all(Array.from({ length: 5 }, () => startApp(t, database)))
  const made = await Promise.all(
    apps.map((app) => ensureFirstAdmin(app, { username: 'root', password: undefined })),
  )
  const [first, ...others] = made.filter((admin) => admin !== null)
  t.strictSame([first?.username, others], ['root', []])
  const [app] = apps
  if (app === undefined) return
  const { access_token } = await signIn(app, 'root', first?.generatedPassword ?? '')
  const me = await as(app, access_token)('GET', '/auth/me')
  t.match(me.json(), { username: 'root', role: 'operator', tenant: { name: 'default' } })
  t.equal((await as(app, access_token)('GET', '/auth/users')).json().length, 1)
  t.equal(await ensureFirstAdmin(app, { username: 'other', password: undefined }), null)
})

t.test('a given password is used and not told', async (t) => {
  const database = await createTestDatabase(t)
  const app = await startApp(t, database)
  t.strictSame(await ensureFirstAdmin(app, ADMIN), { username: 'admin', generatedPassword: null })
  t.ok(await signIn(app, ADMIN.username, ADMIN.password))
})

t.test('who lost his password gets another one, and his sessions end', async (t) => {
  const { app } = await startWithAdmin(t)
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const password = await resetPassword(app, 'default/admin')
  t.match(password, /^[\w-]{20,}$/)
  t.equal((await as(app, access_token)('GET', '/auth/me')).statusCode, 401)
  await t.rejects(signIn(app, ADMIN.username, ADMIN.password))
  t.ok(await signIn(app, ADMIN.username, password ?? ''))
  for (const nobody of ['nobody', 'acme/admin', '/', '']) t.equal(await resetPassword(app, nobody), null)
})
