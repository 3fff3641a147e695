// Tenants over HTTP: who may make, see, suspend and delete them, and what that means for everyone in them.
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { addUser, as, asAdmin, signIn, startApp, startWithAdmin } from '../support/app.ts'

const PASSWORD = 'a password'

function newTenant(name: string) {
  return { name, admin: { username: 'boss', password: PASSWORD } }
}

const enter = async (app: FastifyInstance, name: string) =>
  as(app, (await signIn(app, `${name}/boss`, PASSWORD)).access_token)

async function startTwo(t: Test) {
  const { app, database } = await startWithAdmin(t)
  return { app, there: await startApp(t, database), operator: await asAdmin(app) }
}

t.test('a tenant comes with its first admin, who is admin there and nothing elsewhere', async (t) => {
  const { app, there, operator } = await startTwo(t)
  const made = await operator('POST', '/tenants/', newTenant('acme'))
  t.equal(made.statusCode, 201, made.body)
  t.equal(made.headers.location, '/tenants/acme')
  t.match(made.json(), { id: /./, name: 'acme', active: true, created_at: /Z$/ })
  t.match(made.json().admin, { id: /./, username: 'boss', role: 'admin' })
  t.notMatch(made.body, PASSWORD)
  const boss = await enter(there, 'acme')
  const { id } = made.json()
  t.match((await boss('GET', '/auth/me')).json(), { role: 'admin', tenant: { id, name: 'acme' } })
  for (const [method, url] of [
    ['GET', '/tenants'],
    ['GET', '/tenants/acme'],
    ['PATCH', '/tenants/acme'],
    ['DELETE', '/tenants/acme'],
  ] as const)
    t.equal((await boss(method, url)).statusCode, 403, `${method} ${url}`)
  t.equal((await boss('POST', '/auth/users', { ...newTenant('x').admin, role: 'operator' })).statusCode, 403)
  await t.rejects(signIn(app, 'boss', PASSWORD))
  const { tokens } = await addUser(app, 'alice', 'admin')
  t.equal((await as(app, tokens.access_token)('GET', '/tenants')).statusCode, 403, 'an admin of default')
})

t.test('tenants are listed by name and read one by one', async (t) => {
  const { operator } = await startTwo(t)
  for (const name of ['zeta', 'acme', 'b-2'])
    t.equal((await operator('POST', '/tenants', newTenant(name))).statusCode, 201)
  const names = async (url: string) =>
    (await operator('GET', url)).json().map(({ name }: { name: string }) => name)
  t.strictSame(await names('/tenants'), ['acme', 'b-2', 'default', 'zeta'])
  t.strictSame(await names('/tenants?limit=2&offset=1'), ['b-2', 'default'])
  t.equal((await operator('GET', '/tenants?limit=2')).headers['content-range'], '0-1/*')
  t.match((await operator('GET', '/tenants/acme')).json(), { name: 'acme', active: true })
  for (const name of ['none', 'ACME', 'a', '%00', "'", 'x'.repeat(300)])
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      const answer = await operator(method, `/tenants/${name}`, method === 'PATCH' ? {} : undefined)
      t.match([answer.statusCode, answer.json().code], [404, 'tenant_not_found'], `${method} ${name}`)
    }
})

t.test('a name that is no name or taken, and an admin that cannot be, make no tenant', async (t) => {
  const { operator } = await startTwo(t)
  const { admin } = newTenant('x')
  const refused = ['A', 'a', '1a', 'a_b', 'a b', '', 'a'.repeat(64), 'acmé', 'a\n'].map((name) => ({
    name,
    admin,
  }))
  const odd = [
    {},
    { name: 'acme' },
    { name: 'acme', admin: { username: 'x' } },
    { name: 'acme', admin: { ...admin, password: 'short' } },
    { name: 'acme', admin: { ...admin, username: 'a/b' } },
    { name: 'acme', admin: { ...admin, role: 'operator' } },
    { name: 'acme', admin, active: false },
  ]
  for (const body of [...refused, ...odd]) {
    const answer = await operator('POST', '/tenants', body)
    t.match([answer.statusCode, answer.json().code], [400, 'invalid_body'], JSON.stringify(body))
  }
  for (const name of ['default', 'acme', 'acme']) await operator('POST', '/tenants', newTenant(name))
  for (const name of ['default', 'acme']) {
    const again = await operator('POST', '/tenants', newTenant(name))
    t.match([again.statusCode, again.json().code], [409, 'tenant_exists'])
  }
  const many = await Promise.all(
    Array.from({ length: 5 }, () => operator('POST', '/tenants', newTenant('same'))),
  )
  t.strictSame(many.map((answer) => answer.statusCode).sort(), [201, 409, 409, 409, 409])
  t.equal((await operator('GET', '/tenants')).json().length, 3)
})

t.test(
  'a suspended tenant is closed from the next request on, on every instance, until it is resumed',
  async (t) => {
    const { app, there, operator } = await startTwo(t)
    await operator('POST', '/tenants', newTenant('acme'))
    const tokens = await signIn(there, 'acme/boss', PASSWORD)
    const boss = as(there, tokens.access_token)
    t.equal(
      (await boss('POST', '/schemas/', { entity_name: 'note', fields: [{ name: 'a', type: 'string' }] }))
        .statusCode,
      201,
    )
    const requests = [
      '/auth/me',
      '/auth/users',
      '/schemas',
      '/schemas/note',
      '/note',
      '/files',
      '/docs/json',
      '/nothing',
    ]
    const answers = () => Promise.all(requests.map(async (url) => (await boss('GET', url)).statusCode))
    t.strictSame(await answers(), [200, 200, 200, 200, 200, 200, 200, 404])
    const suspended = await operator('PATCH', '/tenants/acme', { active: false })
    t.match([suspended.statusCode, suspended.json()], [200, { name: 'acme', active: false }])
    t.strictSame(
      await answers(),
      requests.map(() => 401),
    )
    await t.rejects(enter(app, 'acme'))
    const renewal = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
    for (const server of [app, there])
      t.equal((await server.inject({ method: 'POST', url: '/auth/token', payload: renewal })).statusCode, 401)
    t.match((await operator('GET', '/tenants/acme')).json(), { active: false })
    await operator('PATCH', '/tenants/acme', { active: true })
    t.equal((await (await enter(app, 'acme'))('GET', '/note')).statusCode, 200)
  },
)

t.test('the default tenant can be neither suspended nor deleted', async (t) => {
  const { operator } = await startTwo(t)
  for (const answer of [
    await operator('PATCH', '/tenants/default', { active: false }),
    await operator('DELETE', '/tenants/default'),
  ])
    t.match([answer.statusCode, answer.json().code], [409, 'default_tenant'])
  t.equal((await operator('PATCH', '/tenants/default', { active: true })).statusCode, 200)
  t.equal((await operator('PATCH', '/tenants/default', { name: 'x' })).statusCode, 400)
  t.equal((await operator('GET', '/tenants/default')).json().active, true)
})

t.test('who is an operator no more manages no tenant, on no instance', async (t) => {
  const { app, there, operator } = await startTwo(t)
  const { id, tokens } = await addUser(app, 'alice', 'operator')
  const alice = as(there, tokens.access_token)
  t.equal((await alice('GET', '/tenants')).statusCode, 200)
  await operator('PATCH', `/auth/users/${id}`, { role: 'admin' })
  t.equal((await alice('POST', '/tenants', newTenant('acme'))).statusCode, 403)
  t.equal((await alice('GET', '/tenants')).statusCode, 403)
  t.equal((await operator('GET', '/tenants/acme')).statusCode, 404)
})
