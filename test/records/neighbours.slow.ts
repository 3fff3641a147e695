// One tenant's dear queries are its own trouble: another's records are read while they run, and they end.

import pg from 'pg'
import t from 'tap'
import { ADMIN, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

const TIMEOUT = 4000

t.test('what another tenant asks for is done while a tenant’s dear queries run', async (t) => {
  const { app, database } = await startWithAdmin(t, { STATEMENT_TIMEOUT: TIMEOUT })
  const dear = await asAdmin(app)
  await dear('POST', '/tenants', { name: 'acme', admin: ADMIN })
  const quick = as(app, (await signIn(app, `acme/${ADMIN.username}`, ADMIN.password)).access_token)
  const thing = { entity_name: 'thing', fields: [{ name: 'note', type: 'text' }] }
  for (const send of [dear, quick]) await send('POST', '/schemas', thing)
  const theirs = (await dear('POST', '/thing', { note: 'x' })).json()
  const own = (await quick('POST', '/thing', { note: 'y' })).json()

  // Each record of the one tenant takes for ever to look at, and none of the other's does.
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(
    `create policy slow on record as restrictive using (
       case when id = '${theirs.id}' then pg_sleep(60) is not null else true end)`,
  )

  let running = 0
  const run = async (search: string) => {
    running += 1
    const answer = await dear('GET', `/thing?${search}`)
    running -= 1
    return answer
  }
  const answers = Array.from({ length: 30 }, () => run('note=ilike.*x*'))
  for (let n = 0; n < 20; n++) {
    const answer = await quick('GET', `/thing/${own.id}`)
    t.match(answer.json(), { id: own.id, note: 'y' })
    // Reads and writes of every kind, on whatever connection.
    t.match((await quick('GET', '/thing?note=ilike.*y*')).json(), [{ id: own.id }])
    t.equal((await quick('POST', '/thing', { note: 'z' })).statusCode, 201)
    t.equal((await quick('POST', '/thing', [{ note: 'z' }, { note: 'z' }])).statusCode, 201)
  }
  t.equal(running, 30, 'before any of them has ended')
  const statuses = (await Promise.all(answers)).map((answer) => [answer.statusCode, answer.json().code])
  t.same(new Set(statuses.map(String)).size <= 2, true)
  for (const [status, code] of statuses) {
    t.equal(status, 503)
    t.match(code, /^(statement_timeout|unavailable)$/)
  }
  await client.query('drop policy slow on record')
  t.equal((await dear('GET', '/thing?note=ilike.*x*')).statusCode, 200, 'and the server is as it was')
})
