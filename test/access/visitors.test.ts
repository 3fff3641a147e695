// Callers without a token and the server as a whole: instances, other origins, documentation, limits, costs.
import t from 'tap'
import { ALL, PASSWORD, start } from '../support/access/page.ts'
import { recordStatements } from '../support/access/statements.ts'
import { visitor } from '../support/access/workload.ts'
import { startApp, startWithAdmin } from '../support/app.ts'

t.test('opening and closing are in force on every instance with the next request', async (t) => {
  const { database, open, visit, operator } = await start(t)
  const other = visitor(await startApp(t, database), 'acme')
  for (const times of [1, 2]) {
    await open({ read: true })
    for (const one of [visit, other]) t.equal((await one('GET', '/page')).statusCode, 200, `open ${times}`)
    await open({ create: true })
    for (const one of [visit, other]) t.equal((await one('GET', '/page')).statusCode, 401, `closed ${times}`)
    t.equal((await other('POST', '/page', { title: 'x' })).statusCode, 201)
    await open({})
    for (const one of [other, visit]) t.equal((await one('POST', '/page', {})).statusCode, 401)
  }
  await open({ read: true })
  for (const one of [visit, other]) t.equal((await one('GET', '/page')).statusCode, 200)
  await operator('PATCH', '/tenants/acme', { active: false })
  for (const one of [visit, other]) t.equal((await one('GET', '/page')).statusCode, 401, 'suspended')
  await operator('PATCH', '/tenants/acme', { active: true })
  for (const one of [visit, other]) t.equal((await one('GET', '/page')).statusCode, 200)
  await operator('DELETE', '/tenants/acme')
  for (const one of [visit, other]) t.equal((await one('GET', '/page')).statusCode, 401, 'deleted')
  await operator('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password: PASSWORD } })
  for (const one of [visit, other])
    t.equal((await one('GET', '/page')).statusCode, 401, 'another of this name')
})

t.test('a page of another origin may name the tenant', async (t) => {
  const { app } = await startWithAdmin(t, { CORS_ORIGIN: ['https://app.example'] })
  const answer = await app.inject({
    method: 'OPTIONS',
    url: '/page',
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-tenant',
    },
  })
  t.match(answer.headers['access-control-allow-headers'], /x-tenant/i)
  const refused = await app.inject({ url: '/page', headers: { origin: 'https://app.example' } })
  t.equal(refused.statusCode, 401)
  t.match(refused.headers, { vary: 'Origin, Authorization, X-Tenant', 'access-control-allow-origin': /app/ })
})

t.test('the documentation says which routes may be open, and how a tenant is named', async (t) => {
  const { app } = await startWithAdmin(t)
  const { paths, components } = (await app.inject('/docs/json')).json()
  const open = Object.entries(paths as Record<string, Record<string, { security?: object[] }>>).flatMap(
    ([path, item]) =>
      Object.entries(item).flatMap(([method, { security }]) =>
        security?.some((one) => Object.keys(one).length === 0) ? [`${method} ${path}`] : [],
      ),
  )
  t.strictSame(
    open.sort(),
    [
      ...['delete', 'get', 'patch', 'post'].map((method) => `${method} /{entity}/`),
      ...['delete', 'get', 'patch', 'put'].map((method) => `${method} /{entity}/{id}`),
      'post /{entity}/query',
      ...['get /{entity}/changes', 'get /{entity}/trash', 'get /{entity}/{id}/history'],
      'post /{entity}/{id}/restore',
      'get /files/{id}/content',
      'post /files/upload',
    ].sort(),
  )
  t.match(components.parameters['Univera-Tenant'], { name: 'X-Tenant', in: 'header' })
  t.match(paths['/{entity}/'].parameters, [{}, { $ref: '#/components/parameters/Univera-Tenant' }])
  t.match(paths['/files/{id}/content'].get.parameters, [{}, { name: 'X-Tenant', in: 'header' }])
})

t.test('an address that asks too often is told so, whatever it asks for', async (t) => {
  const { app } = await startWithAdmin(t, { RATE_LIMIT: 3 })
  const statuses: number[] = []
  for (const tenant of ['a', 'b', 'default', 'c'])
    statuses.push((await visitor(app, tenant)('GET', '/page')).statusCode)
  t.strictSame(statuses, [401, 401, 401, 429])
})

t.test('what is open costs one statement a request, once it is known', async (t) => {
  const { open, visit } = await start(t)
  await open(ALL)
  const { id } = (await visit('POST', '/page', { title: 'a' })).json()
  const sent = recordStatements(t)
  for (const [method, url, body] of [
    ['GET', '/page'],
    ['GET', `/page/${id}`],
    ['PATCH', `/page/${id}`, { title: 'b' }],
    ['POST', '/page', { title: 'c' }],
  ] as const) {
    await visit(method, url, body)
    sent.length = 0
    await visit(method, url, body)
    t.equal(sent.filter(({ text }) => !/enter_/.test(text)).length, 1, sent.map(({ text }) => text).join(';'))
  }
})
