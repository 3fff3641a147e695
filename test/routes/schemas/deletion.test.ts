// Deleting an entity hides it: it is nowhere to be met, its name is free, and it comes back as it was until it is purged.
import pg from 'pg'
import t, { type Test } from 'tap'
import { purgeStep } from '../../../lib/schema/deletion/purge-step-store.ts'
import { addUser, as, asAdmin, bodyOf, startApp } from '../../support/app.ts'
import { startFiles, upload } from '../../support/files/app.ts'
import { untilLockWaits } from '../../support/lock-waits.ts'

type Json = Record<string, unknown>

const text = (name: string, more: Json = {}) => ({ name, type: 'string', ...more })

const relation = (name: string, entity: string, more: Json = {}) => ({
  name,
  type: 'relation',
  entity,
  ...more,
})

async function connect(t: Test, connectionString: string) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

async function start(t: Test) {
  const { app, database } = await startFiles(t)
  const send = await asAdmin(app)
  const ok = bodyOf(t)
  const define = (entity_name: string, ...fields: Json[]) =>
    ok(send('POST', '/schemas/', { entity_name, fields }), 201)
  const add = async (entity: string, data: Json): Promise<string> =>
    (await ok(send('POST', `/${entity}/`, data), 201)).id
  const remove = (entity: string, query = '') => ok(send('DELETE', `/schemas/${entity}${query}`), 204)
  const undelete = (entity: string, body?: Json) => send('POST', `/schemas/${entity}/undelete`, body)
  const deleted = async (): Promise<Json[]> => ok(send('GET', '/schemas/?deleted=true'))
  const owner = await connect(t, database.url)
  const count = async (table: string): Promise<number> =>
    (await owner.query(`select count(*)::int as n from ${table}`)).rows[0].n
  return { app, database, send, ok, define, add, remove, undelete, deleted, owner, count }
}

t.test('a deleted entity is nowhere, and comes back as it was', async (t) => {
  const { app, send, ok, define, add, remove, undelete, deleted } = await start(t)
  await define('course', text('title'))
  await define('gnome', text('name', { unique: true, indexed: true }), relation('course', 'course'))
  const course = await add('course', { title: 'math' })
  await add('gnome', { name: 'Ada', course })
  await ok(send('PUT', '/schemas/gnome/permissions/anonymous', { read: 'name=eq.Ada' }))
  await ok(send('POST', '/schemas/gnome/rename', { entity: 'goblin', fields: { name: 'full_name' } }))
  const before = (await send('GET', '/goblin/')).json()
  t.equal((await app.inject('/goblin')).statusCode, 200, 'open to visitors')
  const refused = await send('DELETE', '/schemas/course')
  t.match(refused.json(), { status: 409, code: 'entity_referenced' })
  await remove('goblin')

  for (const [method, url, status] of [
    ['GET', '/goblin/', 404],
    ['GET', '/gnome/', 404],
    ['GET', `/goblin/${before[0].id}`, 404],
    ['POST', '/goblin/', 404],
    ['GET', '/schemas/goblin', 404],
    ['GET', '/schemas/gnome', 404],
    ['GET', '/schemas/goblin/permissions', 404],
    ['GET', '/schemas/goblin/versions', 404],
    ['GET', '/schemas/goblin/aliases', 404],
    ['POST', '/schemas/goblin/rollback', 404],
    ['DELETE', '/schemas/goblin', 404],
    ['GET', '/course/?select=title,goblin(full_name)', 400],
  ] as const)
    t.equal((await send(method, url, method === 'POST' ? { version: 1 } : undefined)).statusCode, status, url)
  t.notOk([200, 403].includes((await app.inject('/goblin')).statusCode), 'visitors meet nothing')
  t.same(
    (await ok(send('GET', '/schemas/'))).map((one: Json) => one.entity_name),
    ['course'],
  )
  t.notMatch((await send('GET', '/docs/json')).body, /goblin|gnome/)
  t.match(await deleted(), [{ entity_name: 'goblin', fields: [{ name: 'full_name' }, {}] }])
  const user = as(app, (await addUser(app, 'user', 'user')).tokens.access_token)
  t.equal((await user('GET', '/schemas/?deleted=true')).statusCode, 403)
  t.equal((await user('POST', '/schemas/goblin/undelete')).statusCode, 403)

  await ok(undelete('goblin'))
  t.same((await send('GET', '/goblin/')).json(), before)
  t.same((await send('GET', '/gnome/?name=eq.Ada')).json(), before, 'the former names, too')
  t.equal((await send('POST', '/goblin/', { full_name: 'Ada' })).statusCode, 409, 'unique')
  t.equal((await app.inject('/goblin')).statusCode, 200, 'permissions')
  t.match((await send('GET', '/schemas/goblin/versions')).json()[0], { version: 3, summary: ['undeleted'] })
  t.equal((await undelete('goblin')).json().code, 'deleted_entity_not_found')
  const log = (await send('GET', '/audit/?action=like.schema.*delete&order=created_at')).json()
  t.match(log, [
    { action: 'schema.delete', target: 'goblin', details: { purge_at: /^\d{4}-/ } },
    { action: 'schema.undelete', target: 'goblin' },
  ])
})

t.test('the name is free; who comes back late takes another', async (t) => {
  const { send, ok, define, add, remove, undelete, deleted } = await start(t)
  await define('course', text('title'), relation('after', 'course'))
  const first = await add('course', { title: 'old' })
  await add('course', { title: 'next', after: first })
  await define('pupil', relation('course', 'course'))
  const pupil = await add('pupil', { course: first })
  await remove('pupil')
  await remove('course')
  await define('course', text('title'))
  await add('course', { title: 'new' })
  const taken = await undelete('course')
  t.match(taken.json(), { status: 409, code: 'name_in_use', detail: /\{"as": "course_2"\}/ })
  const early = await undelete('pupil')
  t.match(early.json(), { status: 409, code: 'target_deleted', detail: /\/schemas\/course\/undelete/ })
  t.match((await undelete('course', { as: 'audit' })).json(), { errors: [{ pointer: '/as' }] })
  await ok(undelete('course', { as: 'old_course' }))
  t.match((await send('GET', '/old_course/?select=title,after(title)&title=eq.next')).json(), [
    { after: { title: 'old' } },
  ])
  const back = await ok(undelete('pupil'))
  t.equal(back.fields[0].entity, 'old_course', 'the relation has followed')
  t.match((await send('GET', `/pupil/${pupil}?select=course(title)`)).json(), { course: { title: 'old' } })
  t.match((await send('GET', '/course/')).json(), [{ title: 'new' }])
  for (const name of ['pupil', 'course']) await remove(name)
  await define('course', text('x'))
  await remove('course')
  const [latest, earlier] = (await deleted()).filter((one) => one.entity_name === 'course')
  t.match([latest, earlier], [{ fields: [{ name: 'x' }] }, { fields: [{ name: 'title' }] }])
  const chosen = await ok(undelete('course', { deleted_at: earlier?.deleted_at as string }))
  t.match(chosen.fields, [{ name: 'title' }])
  const moment = `deleted_at=${latest?.deleted_at}`
  t.equal((await send('DELETE', `/schemas/course?${moment}`)).statusCode, 404, 'the present one stays')
  await remove('course', `?purge=true&${moment}`)
  t.same(
    (await deleted()).map((one) => one.entity_name),
    ['pupil'],
  )
  await ok(send('GET', '/course/'))
})

t.test('a deleted entity keeps no record from being deleted, but its files', async (t) => {
  const { app, send, ok, define, add, remove, undelete } = await start(t)
  await define('course', text('title'))
  await define(
    'pupil',
    text('name'),
    relation('one', 'course', { required: true }),
    relation('all', 'course', { many: true }),
    { name: 'photo', type: 'file' },
  )
  const [a, b] = [await add('course', { title: 'a' }), await add('course', { title: 'b' })]
  const { tokens } = await addUser(app, 'user', 'admin')
  const photo = await upload(app, tokens.access_token, { content: 'photo' })
  await add('pupil', { name: '1', one: a, all: [a, b], photo: photo.id })
  await add('pupil', { name: '2', one: b, all: [b] })
  t.equal((await send('DELETE', `/course/${a}`)).statusCode, 409)
  await remove('pupil')
  await ok(send('DELETE', `/course/${a}`), 204)
  t.equal((await send('DELETE', `/files/${photo.id}`)).statusCode, 409)
  await ok(undelete('pupil'))
  t.same((await send('GET', '/pupil/?select=name,one,all&order=name')).json(), [
    { name: '1', one: null, all: [b] },
    { name: '2', one: b, all: [b] },
  ])
  await remove('pupil', '?purge=true')
  await ok(send('DELETE', `/files/${photo.id}`), 204)
})

t.test('a dropped relation gets its references back when the other entity does', async (t) => {
  const { send, ok, define, add, remove, undelete } = await start(t)
  await define('course', text('title'))
  await define('pupil', text('name'), relation('course', 'course'))
  const course = await add('course', { title: 'a' })
  await add('pupil', { name: '1', course })
  await ok(send('PUT', '/schemas/pupil', { fields: [text('name')] }))
  await remove('course')
  t.equal((await send('POST', '/schemas/pupil/rollback', { version: 1 })).statusCode, 400)
  await ok(undelete('course'))
  await ok(send('POST', '/schemas/pupil/rollback', { version: 1 }))
  t.match((await send('GET', '/pupil/?select=course(title)')).json(), [{ course: { title: 'a' } }])

  await ok(send('PUT', '/schemas/pupil', { fields: [text('name')] }))
  await remove('course')
  await define('course', text('title'))
  await ok(send('POST', '/schemas/pupil/rollback', { version: 1 }))
  t.match((await send('GET', '/pupil/?select=name,course')).json(), [{ name: '1', course: null }])
  await ok(undelete('course', { as: 'former_course' }))
  await ok(send('DELETE', `/former_course/${course}`), 204)
})

t.test('the purge: when its time is over or now, in batches, by any process', async (t) => {
  const { app, database, send, ok, define, add, remove, undelete, deleted, owner, count } = await start(t)
  const there = await startApp(t, database)
  await define('course', text('title'), relation('after', 'course'))
  let after: string | undefined
  for (const title of ['a', 'b', 'c']) after = await add('course', after ? { title, after } : { title })
  await remove('course')
  await Promise.all([app.purges.run(), there.purges.run()])
  t.equal(await count('record'), 3, 'not before its time')
  await owner.query(`update entity_deletion set due_at = now()`)
  t.same(await deleted(), [])
  t.equal((await undelete('course')).statusCode, 404)
  const { rows } = await owner.query(
    `update entity_deletion set worker = gen_random_uuid(), worked_at = now() - interval '31 seconds'
     returning tenant_id, entity_id::float8 as entity_id, worker`,
  )
  const killed = { tenantId: rows[0].tenant_id, entityId: rows[0].entity_id, worker: rows[0].worker }
  t.equal(await purgeStep(app, killed, 2), 'more')
  t.equal(await count('record'), 1)
  await owner.query(`update entity_deletion set worked_at = now() - interval '31 seconds'`)
  await Promise.all([app.purges.run(), there.purges.run()])
  for (const table of ['record', 'link', 'entity', 'entity_deletion', 'entity_version'])
    t.equal(await count(table), 0, table)
  t.equal(await purgeStep(app, killed, 2), 'done', 'the first worker has nothing left')
  const [entry] = (await send('GET', '/audit/?action=eq.schema.purge')).json()
  t.match(entry, { actor: 'univera', target: 'course' })

  await define('course', text('title'))
  await add('course', { title: 'a' })
  await remove('course')
  await define('course', text('title'))
  await add('course', { title: 'b' })
  await remove('course', '?purge=true')
  t.match(await deleted(), [{ entity_name: 'course' }], 'the one that was there')
  await remove('course', '?purge=true')
  t.equal(await count('record'), 0)
  t.match((await send('DELETE', '/schemas/course?purge=true')).json(), { code: 'deleted_entity_not_found' })
  t.equal((await send('DELETE', '/schemas/course?purge=maybe')).statusCode, 400)
  await define('course', text('title'))
  const { headers } = await send('GET', '/schemas/course')
  const stale = await send('DELETE', '/schemas/course?purge=true', undefined, { 'if-match': '"9-x"' })
  t.equal(stale.statusCode, 412)
  await ok(send('DELETE', '/schemas/course', undefined, { 'if-match': headers.etag as string }), 204)
})

t.test('of too many deleted entities the first goes', async (t) => {
  const { app, define, remove, deleted, owner } = await start(t)
  await define('first', text('title'))
  await remove('first')
  await owner.query(`
    with made as (insert into entity (tenant_id, name, definition, deleted_at)
      select tenant_id, 'e' || n, definition, now() from entity, generate_series(1, 99) n returning *)
    insert into entity_deletion (tenant_id, entity_id, due_at) select tenant_id, id, now() + interval '30 days' from made`)
  t.equal((await deleted()).length, 100)
  await define('last', text('title'))
  await remove('last')
  await app.purges.run()
  const names = (await deleted()).map((one) => one.entity_name)
  t.equal(names.length, 100)
  t.equal(names[0], 'last')
  t.notOk(names.includes('first'))
})

t.test('a record that a slow writer adds to a deleted entity is purged with it', async (t) => {
  const { app, database, define, add, remove, owner, count } = await start(t)
  await define('course', text('title'))
  await add('course', { title: 'a' })
  const { rows } = await owner.query('select tenant_id, id from entity')
  const writer = await connect(t, database.url)
  await writer.query('begin')
  await writer.query('select pg_advisory_xact_lock_shared($1)', [rows[0].id])
  await remove('course')
  await owner.query('update entity_deletion set due_at = now()')
  const purging = app.purges.run()
  await untilLockWaits(owner)
  const record = [rows[0].tenant_id, rows[0].id, '00000000-0000-0000-0000-000000000001', '{}']
  await writer.query('insert into record (tenant_id, entity_id, id, data) values ($1, $2, $3, $4)', record)
  await writer.query('commit')
  await purging
  for (const table of ['record', 'entity']) t.equal(await count(table), 0, table)
})
