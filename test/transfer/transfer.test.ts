// A tenant moves to another server, or stands beside itself under another name, with all that it can take along.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { openStorage } from '../../lib/files/open-storage.ts'
import { listTables } from '../../lib/postgres/dump/tables-store.ts'
import { exportTenant } from '../../lib/transfer/export-store.ts'
import { importTenant } from '../../lib/transfer/import-store.ts'
import { CARRIED, LEFT } from '../../lib/transfer/tables.ts'
import { startApp, startWithAdmin } from '../support/app.ts'
import { temporary } from '../support/temporary.ts'
import { member, PASSWORD, startSchool } from '../support/transfer/tenants.ts'

const progress = () => {}

async function exported(t: Test) {
  const school = await startSchool(t)
  const { blobs } = await openStorage(school.app.settings)
  const source = { url: school.database.url, blobs, progress }
  const file = join(temporary(t), 'school.tar')
  const report = await exportTenant(source, 'school', file)
  return { ...school, source, file, report }
}

t.test('every table of a tenant is carried, or stays behind for a reason', async (t) => {
  const { database } = await startWithAdmin(t)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const tables = (await listTables(client)).filter(({ columns }) => columns.includes('tenant_id'))
  const unclassified = tables.filter(({ name }) => !(name in CARRIED) && !(name in LEFT))
  t.strictSame(
    unclassified.map(({ name }) => name),
    [],
  )
  for (const { name, columns } of tables)
    for (const column of Object.keys(CARRIED[name as keyof typeof CARRIED]?.columns ?? {}))
      t.ok(columns.includes(column), `${name}.${column}`)
})

t.test('a tenant moves to another server', async (t) => {
  const { app: from, file, report, photo, send } = await exported(t)
  t.match(report, { files: 1, missing: 0 })
  t.equal(statSync(file).mode & 0o777, 0o600, 'only its owner reads it')
  const storage = join(temporary(t), 'files')
  const { app, database } = await startWithAdmin(t, { FILE_STORAGE_PATH: storage })
  const { blobs } = await openStorage(app.settings)
  const done = await importTenant({ url: database.url, blobs, progress }, file)
  t.match(done, { name: 'school', rows: report.rows, files: 1, missing: 0 })
  t.strictSame(readdirSync(join(storage, '.pending')), [], 'no note is left')

  const there = await member(app, 'school/ada')
  for (const path of [
    '/student?order=id',
    '/student?age=gte.8',
    '/student?name=ilike.*bob*',
    '/old',
    '/auth/roles',
  ])
    t.strictSame((await there.send('GET', path)).json(), (await send('GET', path)).json(), path)
  const withoutTimes = (body: string) => JSON.parse(body)
  for (const path of ['/schemas/student', '/schemas/old', '/schemas/student/permissions/teacher'])
    t.strictSame(
      withoutTimes((await there.send('GET', path)).body),
      withoutTimes((await send('GET', path)).body),
      path,
    )
  t.equal((await there.send('GET', `/files/${photo.id}/content`)).body, 'a photo')
  t.equal((await there.send('GET', '/schemas/gone')).statusCode, 404)
  t.match((await there.send('GET', '/auth/tenant')).json(), {
    quotas: { records: 1000 },
    usage: { records: 3 },
  })
  const before = (await send('GET', '/audit?limit=100')).json().length
  t.ok((await there.send('GET', '/audit?limit=100')).json().length >= before)

  const teacher = await member(app, 'school/bob')
  t.strictSame(
    (await teacher.send('GET', '/student')).json().map((one: object) => Object.keys(one).includes('mail')),
    [false],
    'rules hold',
  )
  const [first] = (await there.send('GET', '/student?order=id')).json()
  t.equal(
    (await there.send('POST', '/student', { name: 'x', mail: 'a@b.c' })).statusCode,
    409,
    'unique values',
  )
  t.equal((await there.send('DELETE', `/student/${first.id}`)).statusCode, 409, 'links')
  t.equal((await there.send('POST', '/schemas', { entity_name: 'new', fields: [] })).statusCode, 201)
  t.equal((await there.send('POST', '/student', { name: 'new', age: 1 })).statusCode, 201)
  t.equal((await there.send('GET', '/schemas/old/versions')).statusCode, 200)
  t.equal(from.server.listening, false)
})

t.test('it can stand beside itself under another name, while servers run', async (t) => {
  const { app, database, file, source, operator, send } = await exported(t)
  const second = await startApp(t, database, { FILE_STORAGE_PATH: app.settings.FILE_STORAGE_PATH })
  const { blobs } = await openStorage(app.settings)
  const target = { url: database.url, blobs, progress }
  await t.rejects(importTenant(target, file), { message: /There is a tenant "school" already.*--as NAME/ })
  await t.rejects(importTenant(target, file, 'No Name'), { message: /is no name of a tenant/ })
  const [one, other] = await Promise.allSettled([
    importTenant(target, file, 'copy'),
    importTenant(target, file, 'copy'),
  ])
  t.strictSame([one.status, other.status].sort(), ['fulfilled', 'rejected'], 'one of two at once')
  const copy = await member(second, 'copy/ada')
  t.strictSame(
    (await copy.send('GET', '/student?order=id')).json(),
    (await send('GET', '/student?order=id')).json(),
  )
  await copy.send('POST', '/student', { name: 'Only there' })
  t.equal((await send('GET', '/student?name=eq.Only there')).json().length, 0)
  t.equal((await operator('DELETE', '/tenants/school')).statusCode, 204)
  t.equal((await member(app, 'copy/ada')).token.length > 0, true)
  await t.rejects(exportTenant(source, 'nobody', `${file}.2`), { message: 'There is no tenant "nobody".' })
  await t.rejects(exportTenant(source, 'copy', file), { message: /exists: name another file/ })
  await t.rejects(exportTenant(source, 'copy', join(file, 'x')), { message: /cannot be written/ })
  t.strictSame(readdirSync(join(file, '..')), ['school.tar'], 'nothing is left of what was refused')
})

t.test('an operator who comes is an admin of the tenant, no more', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const { blobs } = await openStorage(app.settings)
  const file = join(temporary(t), 'default.tar')
  await exportTenant({ url: database.url, blobs, progress }, 'default', file)
  await importTenant({ url: database.url, blobs, progress }, file, 'former')
  const answer = await app.inject({
    method: 'POST',
    url: '/auth/token',
    payload: { username: 'former/admin', password: 'correct-horse' },
  })
  const headers = { authorization: `Bearer ${answer.json().access_token}` }
  t.equal((await app.inject({ url: '/auth/me', headers })).json().role, 'admin')
  t.equal((await app.inject({ url: '/tenants', headers })).statusCode, 403)
  t.ok(PASSWORD)
})
