// The metrics: who reads them, that they count what happens, and that nothing in them names anybody.
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { addUser, as, asAdmin, startApp, startWithAdmin } from '../support/app.ts'
import { samplesOf, total } from '../support/metrics/samples.ts'
import { createTestDatabase } from '../support/test-database.ts'

const TOKEN = 'a-token-for-the-metrics'

const read = (app: FastifyInstance, token = TOKEN) =>
  app.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}` } })

t.test('without a setting, and with a port of their own, there is no such path', async (t) => {
  for (const settings of [{}, { METRICS_PORT: 9464, METRICS_TOKEN: TOKEN }]) {
    const { app } = await startWithAdmin(t, settings)
    const answer = await read(app)
    t.match([answer.statusCode, answer.json().code], [404, 'not_found'])
  }
  const { app } = await startWithAdmin(t)
  t.equal(app.metrics, undefined)
  t.equal(app.db.constructor.name, 'PooledTenantDb', 'and nothing is measured')
})

t.test('only whoever sends the token reads them', async (t) => {
  const { app } = await startWithAdmin(t, { METRICS_TOKEN: TOKEN })
  const user = await addUser(app, 'root', 'operator')
  for (const token of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(1), user.tokens.access_token, 'ü'])
    t.equal((await read(app, token)).statusCode, 401, token)
  t.equal((await app.inject('/metrics')).statusCode, 401)
  const answer = await read(app)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.notMatch((await app.inject('/docs/json')).body, 'metrics', 'no tenant is told of them')
})

t.test('requests, statements, refusals and retries are counted', async (t) => {
  const { app, database } = await startWithAdmin(t, { METRICS_TOKEN: TOKEN })
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', {
    entity_name: 'secretentity',
    fields: [{ name: 'secretfield', type: 'text' }],
  })
  const { id } = (await admin('POST', '/secretentity', { secretfield: 'secretvalue' })).json()
  for (let n = 0; n < 3; n++) await admin('GET', `/secretentity/${id}?select=secretfield`)
  await admin('GET', '/secretentity?secretfield=eq.secretvalue')
  await admin('GET', '/nothing')
  await app.inject({ method: 'POST', url: '/auth/token', payload: { username: 'secretuser', password: 'x' } })
  await admin('POST', '/tenants', {
    name: 'secrettenant',
    admin: { username: 'secretuser', password: 'correct-horse-2' },
    quotas: { entities: 0 },
  })
  const { access_token } = (
    await app.inject({
      method: 'POST',
      url: '/auth/token',
      payload: { username: 'secrettenant/secretuser', password: 'correct-horse-2' },
    })
  ).json()
  await as(app, access_token)('POST', '/schemas', { entity_name: 'more', fields: [] })
  await retryOnce(t, app, database)

  const text = (await read(app)).body
  const requests = (route: string, method = 'GET', status = '2xx') =>
    total(text, 'univera_http_request_seconds_count', { route, method, status })
  t.equal(requests('/:entity/:id'), 3)
  t.equal(requests('/:entity', 'POST'), 1)
  t.equal(requests('/:entity', 'GET', '4xx'), 1)
  t.equal(total(text, 'univera_refusals_total', { code: 'quota_exceeded' }), 1)
  t.equal(total(text, 'univera_refusals_total', { code: 'entity_not_found' }), 1)
  t.ok(total(text, 'univera_epoch_retries_total') >= 1)
  t.ok(total(text, 'univera_database_seconds_count', { work: 'read', outcome: 'done' }) >= 4)
  t.ok(total(text, 'univera_database_seconds_count', { work: 'transaction', outcome: 'done' }) >= 2)
  t.ok(total(text, 'univera_database_wait_seconds_count') >= 2)
  t.ok(total(text, 'univera_database_statements_total') >= 10)
  t.ok(total(text, 'univera_database_batch_statements_count') >= 4)
  t.ok(total(text, 'univera_cache_entries', { cache: 'tenants' }) >= 1)
  t.equal(total(text, 'univera_database_connections', { state: 'waiting' }), 0)
  for (const queue of ['slot_fill', 'key_fill', 'field_purge', 'entity_purge'])
    t.ok(
      samplesOf(text).some(({ name, labels }) => name === 'univera_queue_length' && labels.queue === queue),
    )
  t.ok(total(text, 'process_resident_memory_bytes') > 0)
  t.notMatch(text, /secret|default|admin"/i, 'nobody is named')
})

/** Changes the metadata on another instance, so that the first meets an old epoch. */
async function retryOnce(test: Test, app: FastifyInstance, database: Parameters<typeof startApp>[1]) {
  const admin = await asAdmin(app)
  await admin('GET', '/secretentity')
  const other = await asAdmin(await startApp(test, database))
  await other('POST', '/schemas', { entity_name: 'another', fields: [] })
  await admin('GET', '/secretentity')
}

t.test('they are read while the database is gone', async (t) => {
  const database = await createTestDatabase(t)
  const app = await startApp(t, { ...database, connectTimeout: 200 }, { METRICS_TOKEN: TOKEN })
  app.directory.queueLengths = () => Promise.reject(new Error('gone'))
  const answer = await read(app)
  t.equal(answer.statusCode, 200)
  t.notMatch(answer.body, /^univera_queue_length\{/m)
  t.match(answer.body, 'univera_database_connections')
})

t.test('a slow request has a line in the log, with its shape and no values', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const { app } = await startWithAdmin(
    t,
    { SLOW_REQUEST: 0.001, LOG_LEVEL: 'warn' },
    { logger: { level: 'warn', stream } },
  )
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', { entity_name: 'student', fields: [{ name: 'name', type: 'text' }] })
  await admin('GET', '/student?name=eq.Ada&order=name')
  const line = lines.map((text) => JSON.parse(text)).find(({ url }) => url?.startsWith('/student?'))
  t.match(line, {
    msg: 'request was slow',
    route: '/:entity',
    status: 200,
    url: '/student?name=eq.***&order=name',
  })
  t.ok(line.ms > 0 && line.db_ms > 0)
  t.notMatch(lines.join(''), 'Ada')
})
