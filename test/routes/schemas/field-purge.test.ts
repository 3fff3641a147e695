// Dropped fields: what is kept of them, what a rollback would bring back, and the purge, after which nothing is left.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { purgeFieldsStep } from '../../../lib/schema/deletion/field-purge-step-store.ts'
import { asAdmin, bodyOf, startWithAdmin } from '../../support/app.ts'

type Json = Record<string, unknown>

const text = (name: string, more: Json = {}) => ({ name, type: 'string', ...more })

const relation = (name: string, entity: string, more: Json = {}) => ({
  name,
  type: 'relation',
  entity,
  ...more,
})

const PURGE = '/schemas/pupil/purge'

async function start(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const ok = bodyOf(t)
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  t.teardown(() => owner.end())
  const define = (entity_name: string, ...fields: Json[]) =>
    ok(send('POST', '/schemas/', { entity_name, fields }), 201)
  const redefine = (...fields: Json[]) => ok(send('PUT', '/schemas/pupil', { fields }))
  const count = async (condition: string): Promise<number> =>
    (await owner.query(`select count(*)::int as n from record where entity_id <> 0 and ${condition}`)).rows[0]
      .n
  const purge = async (body: Json) => {
    const { plan } = await ok(send('POST', `${PURGE}?preview=true`, body))
    return ok(send('POST', `${PURGE}?plan=${plan}`, body))
  }
  return { app, send, ok, owner, define, redefine, count, purge }
}

/** Three courses and five pupils, whose fields secret, code and course are then dropped. */
async function startDropped(t: Test) {
  const house = await start(t)
  const { send, ok, define, redefine } = house
  await define('course', text('title'))
  const fields = [
    text('name'),
    text('secret', { indexed: true }),
    text('code', { unique: true }),
    relation('course', 'course', { many: true }),
  ]
  await define('pupil', ...fields)
  const courses: string[] = []
  for (const title of ['a', 'b', 'c']) courses.push((await ok(send('POST', '/course/', { title }), 201)).id)
  const pupils = ['1', '2', '3', '4', '5'].map((name, at) => ({
    name,
    ...(at < 4 ? { secret: `s${name}`, code: `c${name}`, course: courses.slice(0, at) } : {}),
  }))
  await ok(send('POST', '/pupil/', pupils), 201)
  await redefine(text('name'))
  return { ...house, courses }
}

t.test('a preview counts, and lists what prevents a rollback', async (t) => {
  const { send, ok, courses, count } = await startDropped(t)
  await ok(send('DELETE', `/course/${courses[0]}`), 204)
  await ok(send('POST', '/pupil/', { name: '6' }), 201)
  const preview = async (query = '') => {
    const answer = await ok(send('POST', `/schemas/pupil/rollback?preview=true${query}`, { version: 1 }))
    return [answer.violations, answer.changes]
  }
  t.match(await preview(), [
    [],
    [
      { field: 'secret', change: 'added', data: 'kept', records: 4 },
      { field: 'code', change: 'added', data: 'kept', records: 4 },
      { field: 'course', change: 'added', data: 'kept', records: 4, lost_references: 3 },
    ],
  ])
  const counted = await ok(send('GET', '/schemas/pupil/dropped?counts=true'))
  t.match(counted, [
    { name: 'secret', data: 'kept', records: 4, bytes: 16, version: 1 },
    { name: 'code', records: 4, bytes: 16 },
    { name: 'course', records: 4 },
  ])
  const { plan, ...planned } = await ok(send('POST', `${PURGE}?preview=true`, { fields: ['secret'] }))
  t.match(plan, /^p_/)
  t.same(planned, { state: 'preview', fields: [counted[0]] })
  t.equal(await count(`data ? 'secret'`), 4, 'a preview purges nothing')
})

t.test('a preview says what the records would refuse', async (t) => {
  const { send, ok, define } = await start(t)
  await define('pupil', text('name', { max_length: 3 }))
  await ok(send('PUT', '/schemas/pupil', { fields: [text('name')] }))
  await ok(send('POST', '/pupil/', { name: 'long name' }), 201)
  const preview = await ok(send('POST', '/schemas/pupil/rollback?preview=true', { version: 1 }))
  t.match(preview, {
    violations: [{ pointer: '/name', keyword: 'maxLength', message: /1 record does not/ }],
    changes: [{ field: 'name', change: 'tightened', records: 1 }],
  })
  const refused = await send('POST', '/schemas/pupil/rollback', { version: 1 })
  t.same(refused.json().errors, preview.violations)
})

t.test('a purge takes all that is left of a field, for good', async (t) => {
  const { send, ok, owner, count, courses, redefine, purge } = await startDropped(t)
  for (const body of [{ keys: ['name'] }, { fields: ['nothing'] }, { keys: [] }, { key: 'secret' }])
    t.equal((await send('POST', PURGE, body)).statusCode, 400, JSON.stringify(body))
  t.match((await send('POST', PURGE, { fields: ['x'] })).json(), {
    errors: [{ pointer: '/fields/0', message: 'is no dropped field; those are secret, code, course' }],
  })
  const unplanned = await send('POST', PURGE, { keys: ['secret'] })
  t.match(unplanned.json(), { status: 428, code: 'plan_required', detail: /values of secret in 4 records/ })
  const { plan } = (await send('POST', `${PURGE}?preview=true`, { keys: ['secret'] })).json()
  const other = await send('POST', `${PURGE}?plan=${plan}`, { keys: ['code'] })
  t.match(other.json(), { status: 409, code: 'plan_mismatch' })
  const done = await purge({ keys: ['secret'], fields: ['course'] })
  t.match(done, { state: 'done', fields: [{ name: 'secret', data: 'purged' }, { name: 'course' }] })
  for (const part of ['data', 'keys']) t.equal(await count(`${part} ?| '{secret,course}'`), 0, part)
  t.equal(await count('num_nonnulls(k1, k2, k3, k4, u1, u2) > 0'), 0, 'slots')
  t.equal((await owner.query('select from link')).rowCount, 0)
  t.equal((await owner.query('select from field_purge')).rowCount, 0)
  t.equal(await count(`data ? 'code'`), 4, 'others stay')
  t.match(await ok(send('GET', '/schemas/pupil/dropped?counts=true')), [
    { name: 'secret', data: 'purged', records: 0, bytes: 0 },
    { name: 'code', data: 'kept', records: 4 },
    { name: 'course', data: 'purged', records: 0 },
  ])
  t.match((await ok(send('POST', '/schemas/pupil/rollback?preview=true', { version: 1 }))).changes, [
    { field: 'secret', data: 'purged', records: 0 },
    { field: 'code', data: 'kept', records: 4 },
    { field: 'course', data: 'purged', records: 0 },
  ])
  await ok(send('POST', '/schemas/pupil/rollback', { version: 1 }))
  t.match((await send('GET', '/pupil/?order=name&limit=1')).json(), [
    { name: '1', secret: null, code: 'c1', course: null },
  ])
  await ok(send('PATCH', '/pupil/?name=eq.1', { secret: 'new', course: [courses[1]] }), 204)
  t.equal((await send('GET', '/pupil/?secret=eq.new')).json().length, 1)
  t.equal((await send('POST', '/pupil/', { name: 'x', code: 'c2' })).statusCode, 409, 'unique again')
  t.same(await ok(send('POST', PURGE)), { state: 'done', fields: [] })
  await redefine(text('name'))
  const names = (await ok(send('GET', '/schemas/pupil/dropped?counts=true'))).map((one: Json) => [
    ...[one.name, one.data, one.records],
  ])
  t.same(names, [
    ['secret', 'kept', 1],
    ['code', 'kept', 4],
    ['course', 'kept', 1],
    ['secret', 'purged', 0],
    ['course', 'purged', 0],
  ])
  const [entry] = (await send('GET', '/audit/?action=eq.schema.purge_fields')).json()
  t.match(entry, { target: 'pupil', actor: 'admin', details: { fields: ['secret', 'course'] } })
})

t.test('the work of a process that died is taken over, beside other fields and writers', async (t) => {
  const { app, owner, count, purge } = await startDropped(t)
  await app.purges.run()
  const worker = randomUUID()
  const { rows } = await owner.query(
    `insert into field_purge (tenant_id, entity_id, keys, worker, worked_at)
     select tenant_id, id, '{secret}', $1, now() from entity where name = 'pupil'
     returning tenant_id, entity_id::float8 as entity_id`,
    [worker],
  )
  const job = { tenantId: rows[0].tenant_id, entityId: rows[0].entity_id, worker }
  t.equal(await purgeFieldsStep(app, job, 2), 'more')
  t.equal(await count(`data ? 'secret'`), 2)
  await app.purges.run()
  t.equal(await count(`data ? 'secret'`), 2, 'it is not taken from one that works')
  await owner.query(`update field_purge set worked_at = now() - interval '31 seconds'`)
  // A writer that was under way has put a value back behind the worker.
  await owner.query(`update record set data = data || '{"secret": "s1"}' where data->>'name' = '1'`)
  await app.purges.run()
  t.equal(await count(`data ? 'secret'`), 0)
  t.equal((await purge({ keys: ['code'] })).state, 'done')
  t.equal(await count(`data ? 'code'`), 0)
  t.equal(await count(`data ? 'course'`), 4)
  t.equal(await purgeFieldsStep(app, job, 2), 'done', 'the first has nothing left')
})
