// A query that takes too long is ended, and told what would make it faster.

import pg from 'pg'
import t from 'tap'
import { startWithAdmin } from '../support/app.ts'
import { define, sendAsAdmin } from '../support/indexing/entity.ts'

const fields = [
  { name: 'name', type: 'string', indexed: true },
  { name: 'age', type: 'integer' },
  { name: 'note', type: 'string' },
  { name: 'tags', type: 'array', items: { type: 'string' } },
]

const scenarios: { name: string; method: 'GET' | 'PATCH' | 'DELETE'; search: string; hint: RegExp }[] = [
  { name: 'an equality', method: 'GET', search: 'age=eq.5', hint: /"indexed": true on "age"\.$/ },
  { name: 'an order', method: 'GET', search: 'order=note.desc', hint: /"indexed": true on "note"\.$/ },
  { name: 'both', method: 'GET', search: 'age=gt.5&order=note', hint: /"indexed": true on "age", "note"\.$/ },
  {
    name: 'beside an index',
    method: 'GET',
    search: 'name=eq.x&age=lt.5',
    hint: /"indexed": true on "age"\.$/,
  },
  {
    name: 'groups',
    method: 'GET',
    search: 'select=age,count()&note=eq.a',
    hint: /"indexed": true on "note"\.$/,
  },
  { name: 'a change', method: 'PATCH', search: 'age=eq.5', hint: /"indexed": true on "age"\.$/ },
  { name: 'a deletion', method: 'DELETE', search: 'note=in.(a,b)', hint: /"indexed": true on "note"\.$/ },
  { name: 'cs', method: 'GET', search: 'tags=cs.{a}', hint: /^Narrow .* indexed field \(.*, name\); .*cs/ },
  { name: 'ov', method: 'GET', search: 'tags=ov.{a}', hint: /^Narrow .* indexed field \(.*, name\); .*ov/ },
  {
    name: 'like',
    method: 'GET',
    search: 'note=like.*a',
    hint: /^Narrow .* indexed field \(.*, name\); .*like/,
  },
  { name: 'all of it', method: 'GET', search: '', hint: /^Narrow / },
]

t.test(
  'a query that takes too long names the field to index, or says to narrow by an indexed one',
  async (t) => {
    const { app, database } = await startWithAdmin(t, { STATEMENT_TIMEOUT: 200 })
    const send = await sendAsAdmin(app)
    await define(send, 'student', fields, [{ name: 'x' }])
    const blocker = new pg.Client({ connectionString: database.url })
    await blocker.connect()
    t.teardown(() => blocker.end())
    await blocker.query('begin; lock table record in access exclusive mode')
    for (const { name, method, search, hint } of scenarios) {
      const answer = await send(method, `/student/?${search}`, method === 'PATCH' ? { age: 1 } : undefined)
      t.match(answer.json(), { status: 503, code: 'statement_timeout', hint }, `${name}: ${answer.body}`)
      t.ok(answer.headers['retry-after'], name)
    }
    await blocker.query('commit')
    t.equal((await send('GET', '/student/?age=eq.5')).statusCode, 200, 'the next one is served')
  },
)
