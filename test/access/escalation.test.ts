// No way up: whatever an admin of a tenant tries, he does not become operator, nor does anyone he makes, and no operator
// loses anything. Each attempt is a row; the whole table is tried by every kind of admin.
import type { FastifyInstance, InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { ADMIN, addUser, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'
import { MULTIPART, multipart } from '../support/files/app.ts'

const PASSWORD = 'a password'

const JSON_TYPE = { 'content-type': 'application/json' }

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Statuses by which an attempt comes to nothing; 200 and 201 where the words that were to help are ignored. */
interface Attempt {
  why: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  body?: InjectOptions['payload']
  headers?: object
  status: number[]
}

interface Places {
  /** The account of the one who tries, of a user beside him, and of the operator. */
  own: string
  user: string
  operator: string
}

const newUser = (role: unknown, more: object = {}) => ({ username: 'eve', password: PASSWORD, role, ...more })

const csv = (url: string): Attempt => ({
  why: 'by importing accounts',
  method: 'POST',
  url,
  body: `username,password,role\neve,${PASSWORD},operator\n`,
  headers: { 'content-type': 'text/csv' },
  status: [415],
})

function userAttempts({ own, user, operator }: Places): Attempt[] {
  const whom = [own, user, own.toUpperCase()]
  const someones = [403, 404]
  return [
    { why: 'a new operator', method: 'POST', url: '/auth/users', body: newUser('operator'), status: [403] },
    ...[
      'Operator',
      'OPERATOR',
      ' operator',
      'operator ',
      'operator\u200b',
      'ｏperator',
      ['operator'],
      null,
      0,
    ].map((role): Attempt => {
      return {
        why: `spelled ${role}`,
        method: 'POST',
        url: '/auth/users',
        body: newUser(role),
        status: [400],
      }
    }),
    {
      why: 'twice in one object',
      method: 'POST',
      url: '/auth/users',
      body: `{"username":"eve","password":"${PASSWORD}","role":"user","role":"operator"}`,
      headers: JSON_TYPE,
      status: [400, 403],
    },
    ...['{"__proto__":{"role":"operator"}}', '{"constructor":{"prototype":{"role":"operator"}}}'].map(
      (text): Attempt => ({
        why: 'through a prototype',
        method: 'PATCH',
        url: `/auth/users/${own}`,
        body: text,
        headers: JSON_TYPE,
        status: [400],
      }),
    ),
    ...['tenant_id', 'tenant', 'is_operator', 'roles', 'password_hash', 'id'].map(
      (name): Attempt => ({
        why: `by ${name}`,
        method: 'POST',
        url: '/auth/users',
        body: newUser('user', { [name]: 'operator' }),
        status: [400],
      }),
    ),
    ...whom.map((id): Attempt => {
      return {
        why: 'promote',
        method: 'PATCH',
        url: `/auth/users/${id}`,
        body: { role: 'operator' },
        status: [403],
      }
    }),
    ...[{ password: PASSWORD }, { active: false }, { role: 'user' }, { role: 'admin' }, { active: true }].map(
      (body): Attempt => {
        return {
          why: 'of the operator',
          method: 'PATCH',
          url: `/auth/users/${operator}`,
          body,
          status: someones,
        }
      },
    ),
    { why: 'without operators', method: 'DELETE', url: `/auth/users/${operator}`, status: someones },
    csv('/auth/users'),
    csv('/auth/keys'),
  ]
}

const KEY_ATTEMPTS: Attempt[] = [
  ...['operator', 'Operator', 'anonymous', null].map((role): Attempt => {
    return { why: 'a key', method: 'POST', url: '/auth/keys', body: { name: 'k', role }, status: [400, 403] }
  }),
  { why: 'the role itself', method: 'PUT', url: '/auth/roles/operator', body: {}, status: [409] },
  { why: 'the role itself', method: 'DELETE', url: '/auth/roles/operator', status: [409] },
  { why: 'a role like it', method: 'PUT', url: '/auth/roles/Operator', body: {}, status: [400] },
  { why: 'a role like it', method: 'PUT', url: '/auth/roles/operator%00', body: {}, status: [400] },
  {
    why: 'its permissions',
    method: 'PUT',
    url: '/schemas/note/permissions/operator',
    body: { read: true },
    status: [409],
  },
]

const PLATFORM_ATTEMPTS: Attempt[] = [
  { why: 'tenants', method: 'GET', url: '/tenants', status: [403] },
  { why: 'tenants', method: 'GET', url: '/tenants/', headers: { 'x-tenant': 'default' }, status: [403] },
  {
    why: 'a tenant of his own',
    method: 'POST',
    url: '/tenants',
    body: { name: 'eve', admin: { username: 'eve', password: PASSWORD } },
    status: [403],
  },
  { why: 'his tenant', method: 'PATCH', url: '/tenants/acme', body: { active: true }, status: [403] },
  { why: 'his quotas', method: 'PATCH', url: '/tenants/acme', body: { quotas: {} }, status: [403] },
  { why: 'the default tenant', method: 'DELETE', url: '/tenants/default', status: [403] },
  {
    why: 'by another method',
    method: 'POST',
    url: '/tenants/acme',
    headers: { 'x-http-method-override': 'DELETE' },
    body: {},
    status: [405],
  },
  ...['account', 'tenant', 'role', 'permission'].map((entity): Attempt => {
    return {
      why: 'into a table',
      method: 'POST',
      url: `/${entity}`,
      body: { role: 'operator' },
      status: [404],
    }
  }),
  ...['auth', 'users', 'tenants', 'roles'].map((entity_name): Attempt => {
    const body = { entity_name, fields: [{ name: 'role', type: 'string' }] }
    return { why: 'an entity in its place', method: 'POST', url: '/schemas', body, status: [400] }
  }),
  {
    why: 'by an upload',
    method: 'POST',
    url: '/auth/users',
    body: multipart({ content: 'operator' }),
    headers: MULTIPART,
    status: [415],
  },
  {
    why: 'by a form',
    method: 'POST',
    url: '/auth/users',
    body: 'username=eve&role=operator',
    headers: FORM,
    status: [415],
  },
  {
    why: 'with his password',
    method: 'POST',
    url: '/auth/password',
    body: { current_password: PASSWORD, new_password: PASSWORD, role: 'operator' },
    status: [400],
  },
  { why: 'as himself', method: 'PATCH', url: '/auth/me', body: { role: 'operator' }, status: [404, 405] },
  {
    why: 'in the entity’s own fields',
    method: 'POST',
    url: '/note',
    body: { title: 'x', created_by: 'operator' },
    status: [400],
  },
]

async function tryAll(t: Test, send: ReturnType<typeof as>, places: Places): Promise<void> {
  for (const { why, method, url, body, headers, status } of [
    ...userAttempts(places),
    ...KEY_ATTEMPTS,
    ...PLATFORM_ATTEMPTS,
  ]) {
    const answer = await send(method, url, body, headers)
    t.ok(status.includes(answer.statusCode), `${why}: ${method} ${url}: ${answer.statusCode} ${answer.body}`)
  }
}

const NOTE = { entity_name: 'note', fields: [{ name: 'title', type: 'string' }] }

/** An admin of the tenant and the user beside him, as they sign in. */
async function staffOf(app: FastifyInstance, admin: ReturnType<typeof as>, prefix: string) {
  await admin('POST', '/schemas', NOTE)
  const idOf = async (username: string, role: string): Promise<string> =>
    (await admin('POST', '/auth/users', { username, password: PASSWORD, role })).json().id
  const [own, user] = [await idOf('second', 'admin'), await idOf('someone', 'user')]
  const tokens = await signIn(app, `${prefix}second`, PASSWORD)
  const { key } = (await admin('POST', '/auth/keys', { name: 'program', role: 'admin' })).json()
  return { own, user, tokens, key }
}

t.test('an admin tries everything and becomes no operator', async (t) => {
  const { app } = await startWithAdmin(t)
  const operator = await asAdmin(app)
  const { id } = (await operator('GET', '/auth/me')).json()
  await operator('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password: PASSWORD } })
  const acme = as(app, (await signIn(app, 'acme/boss', PASSWORD)).access_token)
  for (const [name, admin, prefix] of [
    ['default', operator, ''],
    ['acme', acme, 'acme/'],
  ] as const) {
    const { own, user, tokens, key } = await staffOf(app, admin, prefix)
    const places = { own, user, operator: id }
    const before = (await admin('GET', '/auth/users')).body
    for (const token of [tokens.access_token, key]) {
      await t.test(`an admin of ${name}, ${token === key ? 'by key' : 'signed in'}`, async (t) => {
        await tryAll(t, as(app, token), places)
        t.equal((await admin('GET', '/auth/users')).body, before, 'no account is made or changed')
        t.match((await as(app, token)('GET', '/auth/me')).json(), { role: 'admin', tenant: { name } })
      })
    }
  }
  t.match((await operator('GET', '/auth/me')).json(), { role: 'operator' })
  t.equal((await operator('GET', '/tenants')).json().length, 2)
  t.ok(await signIn(app, ADMIN.username, ADMIN.password), 'the operator’s password is his own')
})

t.test('no token says more than was signed', async (t) => {
  const { app } = await startWithAdmin(t)
  const { id, password, tokens } = await addUser(app, 'second', 'admin')
  const [head, payload, signature] = tokens.access_token.split('.') as [string, string, string]
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const [root] = (await (await asAdmin(app))('GET', '/auth/users')).json()
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const forged = [
    `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ ...claims, sub: root.id })}.`,
    `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ ...claims, role: 'operator' })}.${signature}`,
    `${head}.${encode({ ...claims, sub: root.id })}.${signature}`,
    `${head}.${encode({ ...claims, role: 'operator' })}.${signature}`,
    `${head}.${payload}.`,
    app.jwt.sign({ ...claims, sub: root.id }),
  ]
  for (const token of forged) t.equal((await as(app, token)('GET', '/tenants')).statusCode, 401, token)
  const more = app.jwt.sign({ ...claims, role: 'operator' })
  t.equal((await as(app, more)('GET', '/tenants')).statusCode, 403, 'a role in a token is not even read')
  for (const asked of [
    { username: 'second', password, role: 'operator', scope: 'operator' },
    { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, role: 'operator', username: 'admin' },
  ]) {
    const given = await app.inject({ method: 'POST', url: '/auth/token', payload: asked })
    t.equal(given.statusCode, 200, given.body)
    t.match((await as(app, given.json().access_token)('GET', '/auth/me')).json(), { id, role: 'admin' })
  }
})

t.test('nobody is given the role of nobody', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { id } = await addUser(app, 'someone', 'user')
  t.equal((await admin('POST', '/auth/users', newUser('anonymous'))).statusCode, 400)
  t.equal((await admin('PATCH', `/auth/users/${id}`, { role: 'anonymous' })).statusCode, 400)
  t.equal((await admin('POST', '/auth/keys', { name: 'k', role: 'anonymous' })).statusCode, 400)
  for (const method of ['PUT', 'DELETE'] as const)
    t.equal((await admin(method, '/auth/roles/anonymous', method === 'PUT' ? {} : undefined)).statusCode, 409)
  const roles = (await admin('GET', '/auth/roles')).json()
  t.strictSame(
    roles.map(({ name }: { name: string }) => name),
    ['operator', 'admin', 'user', 'anonymous'],
  )
  t.match((await admin('GET', '/auth/roles/anonymous')).json(), { built_in: true })
})
