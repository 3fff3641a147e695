// The right of a role to upload files: what holds until a tenant says otherwise, and that a change counts at once.
import pg from 'pg'
import t, { type Test } from 'tap'
import { migrate } from '../../lib/postgres/migrate.ts'
import { silentLog } from '../../lib/process/log.ts'
import { addUser, as, asAdmin, startApp, startWithAdmin } from '../support/app.ts'
import { MULTIPART, multipart, send, startFiles, upload } from '../support/files/app.ts'

const FORBIDDEN = { status: 403, code: 'upload_forbidden' }

async function start(t: Test) {
  const { app, admin, storage } = await startFiles(t)
  const uploadBy = (token: string) => send(app, token, multipart({ filename: 'a.txt', content: 'a' }))
  return { app, admin, storage, ask: as(app, admin), uploadBy }
}

t.test('who may upload', async (t) => {
  const { app, admin, ask, uploadBy } = await start(t)
  const setRight = (role: string, upload_files: unknown) =>
    ask('PUT', `/auth/roles/${role}`, { upload_files })

  t.test('built-in roles may, anonymous and new roles may not', async (t) => {
    await ask('PUT', '/auth/roles/clerk', { description: 'Clerks' })
    const roles = (await ask('GET', '/auth/roles')).json() as { name: string; upload_files: boolean }[]
    t.strictSame(Object.fromEntries(roles.map(({ name, upload_files }) => [name, upload_files])), {
      operator: true,
      admin: true,
      user: true,
      anonymous: false,
      clerk: false,
    })
  })

  t.test('a role of the tenant, once it is allowed', async (t) => {
    const { tokens } = await addUser(app, 'carl', 'clerk')
    t.match((await uploadBy(tokens.access_token)).json(), FORBIDDEN)
    const set = await setRight('clerk', true)
    t.match(set, { statusCode: 200 })
    t.match(set.json(), { name: 'clerk', upload_files: true, description: 'Clerks' })
    t.match((await ask('GET', '/auth/roles/clerk')).json(), { upload_files: true })
    t.equal((await uploadBy(tokens.access_token)).statusCode, 201)
    t.match((await ask('PUT', '/auth/roles/clerk', { description: 'x' })).json(), { upload_files: true })
    await setRight('clerk', false)
    t.match((await uploadBy(tokens.access_token)).json(), FORBIDDEN)
  })

  t.test('the role user, until it is forbidden', async (t) => {
    const { tokens } = await addUser(app, 'uma', 'user')
    t.equal((await uploadBy(tokens.access_token)).statusCode, 201)
    t.match((await setRight('user', false)).json(), { name: 'user', built_in: true, upload_files: false })
    t.match((await uploadBy(tokens.access_token)).json(), FORBIDDEN)
    const wrong = await send(app, tokens.access_token, Buffer.from('x'), { 'content-type': 'text/plain' })
    t.equal(wrong.statusCode, 403, 'before the body is looked at')
    const documented = async () =>
      Object.keys(
        (await as(app, tokens.access_token)('GET', '/docs/json')).json().paths['/files/upload'] ?? {},
      )
    t.same(await documented(), [], 'it is not among what the caller may do')
    await setRight('user', true)
    t.same(await documented(), ['post'])
    t.equal((await uploadBy(tokens.access_token)).statusCode, 201)
  })

  t.test('keys, by their role', async (t) => {
    const { key } = (await ask('POST', '/auth/keys', { name: 'k', role: 'clerk' })).json()
    t.match((await uploadBy(key)).json(), FORBIDDEN)
    await setRight('clerk', true)
    t.equal((await uploadBy(key)).statusCode, 201)
  })

  t.test('a role that was deleted and created again may not', async (t) => {
    await ask('PUT', '/auth/roles/temp', { upload_files: true })
    await ask('DELETE', '/auth/roles/temp')
    t.match((await ask('PUT', '/auth/roles/temp', {})).json(), { upload_files: false })
  })

  for (const value of ['true', 1, null, {}])
    t.test(`${JSON.stringify(value)} is no right`, async (t) => {
      t.equal((await setRight('clerk', value)).statusCode, 400)
    })

  t.test('nothing else of a built-in role can be set with it', async (t) => {
    const answer = await ask('PUT', '/auth/roles/admin', { upload_files: true, description: 'x' })
    t.match(answer.json(), { status: 409, code: 'role_fixed' })
    t.ok(await upload(app, admin, { content: 'x' }))
  })
})

t.test('callers without a token upload where they may, and use what they have uploaded', async (t) => {
  const { app, admin, ask } = await start(t)
  const anonymous = (method: 'GET' | 'POST', url: string, payload?: object) =>
    app.inject(payload === undefined ? { method, url } : { method, url, payload })
  const uploadIt = () =>
    app.inject({
      method: 'POST',
      url: '/files/upload',
      headers: MULTIPART,
      payload: multipart({ filename: 'cv.txt', content: 'me' }),
    })
  const fields = [{ name: 'cv', type: 'file' }]
  await ask('POST', '/schemas/', { entity_name: 'applicant', fields })
  t.equal((await uploadIt()).statusCode, 401)
  await ask('PUT', '/schemas/applicant/permissions/anonymous', { create: true })
  t.equal((await uploadIt()).statusCode, 401)
  await ask('PUT', '/auth/roles/anonymous', { upload_files: true })
  const answer = await uploadIt()
  t.equal(answer.statusCode, 201, answer.body)
  const { id, url } = answer.json()
  t.equal((await anonymous('GET', url)).body, 'me')
  t.equal(
    (await anonymous('POST', '/applicant/', { cv: (await upload(app, admin, { content: 'x' })).id }))
      .statusCode,
    400,
  )
  const made = await anonymous('POST', '/applicant/', { cv: id })
  t.equal(made.statusCode, 201, made.body)
  t.equal((await anonymous('GET', url)).statusCode, 401, 'from then on by the record alone')
  t.equal((await ask('GET', url)).body, 'me')
  await ask('PUT', '/auth/roles/anonymous', { upload_files: false })
  t.equal((await uploadIt()).statusCode, 401)
})

t.test('roles that exist before the upgrade keep the right', async (t) => {
  const { app, database } = await startWithAdmin(t)
  await (await asAdmin(app))('PUT', '/auth/roles/clerk', { description: 'Clerks' })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`drop table upload_right; delete from migration where name = '025_upload_right'`)
  await client.end()
  await migrate(database.url, silentLog)
  const ask = await asAdmin(await startApp(t, database))
  t.match((await ask('GET', '/auth/roles/clerk')).json(), { upload_files: true })
  await ask('PUT', '/auth/roles/later', {})
  t.match((await ask('GET', '/auth/roles/later')).json(), { upload_files: false })
})
