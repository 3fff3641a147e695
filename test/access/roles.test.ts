// Roles that a tenant names: known before they are given, and not gone while someone has them.
import t from 'tap'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'

t.test('a role goes only when no user and no key has it', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const newUser = { username: 'ed', password: 'password of ed', role: 'editor' }
  t.equal((await admin('POST', '/auth/users', newUser)).statusCode, 400, 'an unknown role is no role')
  t.match((await admin('PUT', '/auth/roles/editor', {})).statusCode, /^20[01]$/)
  const user = await admin('POST', '/auth/users', newUser)
  t.equal(user.statusCode, 201, user.body)
  t.match((await admin('DELETE', '/auth/roles/editor')).json(), { status: 409, code: 'role_in_use' })
  await admin('DELETE', `/auth/users/${user.json().id}`)

  const key = await admin('POST', '/auth/keys', { name: 'import', role: 'editor' })
  t.equal(key.statusCode, 201, key.body)
  t.match((await admin('DELETE', '/auth/roles/editor')).json(), { status: 409, code: 'role_in_use' })
  await admin('DELETE', `/auth/keys/${key.json().id}`)
  t.equal((await admin('DELETE', '/auth/roles/editor')).statusCode, 204)
})
