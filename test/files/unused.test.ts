// The sweep of unused files: what no record has held for UNUSED_FILE_TTL goes, and nothing else.
import pg from 'pg'
import t, { type Test } from 'tap'
import { ADMIN, as, signIn, startApp, startWithAdmin } from '../support/app.ts'
import { MovableClock } from '../support/clock.ts'
import { filesIn, upload } from '../support/files/app.ts'
import { until } from '../support/until.ts'

const DAY = 24 * 60 * 60 * 1000

async function start(t: Test, UNUSED_FILE_TTL = 30 * DAY) {
  const clock = new MovableClock()
  const storage = t.testdir()
  const { app, database } = await startWithAdmin(
    t,
    { UNUSED_FILE_TTL, FILE_STORAGE_PATH: storage },
    { clock },
  )
  const admin = (await signIn(app, ADMIN.username, ADMIN.password)).access_token
  const send = as(app, admin)
  const fields = [
    { name: 'photo', type: 'file' },
    { name: 'meta', type: 'object', fields: [{ name: 'scan', type: 'file' }] },
  ]
  await send('POST', '/schemas/', { entity_name: 'album', fields })
  const add = async (content: string) =>
    (await upload(app, admin, { filename: `${content}.txt`, content })).id
  const exists = async (id: string) => (await send('GET', `/files/${id}`)).statusCode === 200
  return { app, database, clock, storage, admin, send, add, exists }
}

/** Makes the files older by so many days than they are. */
async function age({ url }: { url: string }, days: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `update record set created_at = created_at - $1 * interval '1 day' where entity_id = 0`,
    [days],
  )
  await client.query(`update entity set updated_at = updated_at - $1 * interval '1 day'`, [days])
  await client.end()
}

/** Signs in again: the clock has moved past the tokens. */
async function later(app: Parameters<typeof signIn>[0]) {
  return as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
}

t.test('unused files are deleted after their time, and no others', async (t) => {
  const { app, clock, storage, send, add } = await start(t)
  const [used, nested, unused] = [await add('used'), await add('nested'), await add('unused')]
  await send('POST', '/album/', [{ photo: used }, { meta: { scan: nested } }])
  await app.unusedFiles?.sweep()
  t.equal((await filesIn(storage)).length, 3, 'not before')
  clock.move(31 * DAY)
  await app.unusedFiles?.sweep()
  t.strictSame((await filesIn(storage)).sort(), [used, nested].sort(), 'no bytes and no notes are left')
  const ask = await later(app)
  t.equal((await ask('GET', `/files/${unused}`)).statusCode, 404)
  t.equal((await ask('GET', `/files/${used}/content`)).body, 'used')
  const audit = (await ask('GET', '/audit?action=eq.file.sweep')).json()
  t.match(audit, [
    { actor: 'univera', actor_id: null, target: unused, details: { filename: 'unused.txt', size: 6 } },
  ])
  t.equal(audit.length, 1)
})

t.test('the time begins when the last record lets go of a file', async (t) => {
  for (const [how, release] of [
    ['a change', (send: ReturnType<typeof as>, id: string) => send('PATCH', `/album/${id}`, { photo: null })],
    ['a deletion', (send: ReturnType<typeof as>, id: string) => send('DELETE', `/album/${id}`)],
    [
      'a dropped field',
      (send: ReturnType<typeof as>) =>
        send('PUT', '/schemas/album', { fields: [{ name: 'x', type: 'string' }] }),
    ],
    ['a purged entity', (send: ReturnType<typeof as>) => send('DELETE', '/schemas/album?purge=true')],
  ] as const)
    t.test(`by ${how}`, async (t) => {
      const { app, database, clock, send, add, exists } = await start(t)
      const file = await add('x')
      const { id } = (await send('POST', '/album/', { photo: file })).json()
      await age(database, 40)
      const released = await release(send, id)
      t.ok(released.statusCode < 300, released.body)
      await app.unusedFiles?.sweep()
      t.ok(await exists(file), 'it was in use until now')
      clock.move(31 * DAY)
      await app.unusedFiles?.sweep()
      t.equal((await (await later(app))('GET', `/files/${file}`)).statusCode, 404)
    })
})

t.test('several instances sweep once, at start', async (t) => {
  const { database, storage, add, exists } = await start(t, 0)
  const file = await add('x')
  await age(database, 40)
  t.ok(await exists(file), 'it is off by default')
  const settings = { UNUSED_FILE_TTL: 30 * DAY, FILE_STORAGE_PATH: storage }
  const apps = await Promise.all([1, 2, 3].map(() => startApp(t, database, settings)))
  t.ok(await until(async () => !(await exists(file))))
  await Promise.all(apps.map((app) => app.unusedFiles?.sweep()))
  const ask = await later(apps[0] as (typeof apps)[number])
  t.equal((await ask('GET', '/audit?action=eq.file.sweep')).json().length, 1)
})

t.test('files of a suspended tenant stay, and those of others go', async (t) => {
  const { app, clock, storage, send } = await start(t)
  for (const name of ['acme', 'other']) {
    await send('POST', '/tenants', { name, admin: { username: 'boss', password: 'correct-horse' } })
    const boss = (await signIn(app, `${name}/boss`, 'correct-horse')).access_token
    await upload(app, boss, { content: name })
  }
  await send('PATCH', '/tenants/acme', { active: false })
  clock.move(31 * DAY)
  await app.unusedFiles?.sweep()
  t.equal((await filesIn(storage)).length, 1)
})
