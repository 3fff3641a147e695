// Roles that a tenant names: known before they are given, and not gone while someone has them.
import t from 'tap'
import { ADMIN, addUser, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

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

t.test('a tenant sets what `user` and its own roles may do without a permission', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const note = (name: string) => ({ entity_name: name, fields: [{ name: 'title', type: 'string' }] })
  await admin('POST', '/schemas', note('before'))
  await admin('POST', '/before/', { title: 'a' })
  const user = as(app, (await addUser(app, 'alice', 'user')).tokens.access_token)
  await admin('PUT', '/auth/roles/clerk', { description: 'of the shop' })
  const clerk = as(app, (await addUser(app, 'carl', 'clerk')).tokens.access_token)
  const may = async (caller: typeof user, entity: string) => {
    const read = (await caller('GET', `/${entity}/`)).statusCode
    return [read, (await caller('POST', `/${entity}/`, { title: 'b' })).statusCode]
  }
  const set = async (role: string, access: string) =>
    admin('PUT', `/auth/roles/${role}`, { default_access: access })
  t.match((await admin('GET', '/auth/roles/user')).json(), { default_access: 'contribute', built_in: true })
  t.match((await admin('GET', '/auth/roles/clerk')).json(), { default_access: 'none' })
  t.strictSame(await may(user, 'before'), [200, 201])
  t.match((await set('user', 'read')).json(), { name: 'user', default_access: 'read' })
  t.strictSame(await may(user, 'before'), [200, 403])
  await set('user', 'none')
  await admin('POST', '/schemas', note('after'))
  for (const entity of ['before', 'after']) t.strictSame((await may(user, entity))[1], 403, entity)
  t.equal((await user('GET', '/after/')).statusCode, (await clerk('GET', '/after/')).statusCode)
  t.match((await admin('GET', '/schemas/after/permissions/user')).json(), { read: false, create: false })
  await admin('PUT', '/schemas/after/permissions/user', { read: true })
  t.strictSame(await may(user, 'after'), [200, 403], 'a stored permission counts')
  t.match((await set('clerk', 'read')).json(), { description: 'of the shop', default_access: 'read' })
  t.strictSame(await may(clerk, 'after'), [200, 403])
  for (const role of ['admin', 'operator', 'anonymous'])
    t.match((await set(role, 'none')).json(), { status: 409, code: 'role_fixed' }, role)
  t.match((await set('user', 'everything')).json(), { status: 400, code: 'invalid_body' })
  t.equal((await admin('PUT', '/auth/roles/user', { description: 'x' })).statusCode, 409)
  const [entry] = (await admin('GET', '/audit?action=eq.role.save&target=eq.clerk')).json()
  t.match(entry.details, { default_access: 'read' })
})
