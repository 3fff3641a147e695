// What stands against a write is told in words that fit what the caller may see: a record out of his sight is one that has
// the value, or one that does not exist, and what he may not read has no name.
import t, { type Test } from 'tap'
import { addUser, as, asAdmin, startWithAdmin } from '../support/app.ts'

const TEAM = {
  entity_name: 'team',
  fields: [
    { name: 'name', type: 'string', unique: true },
    { name: 'hidden', type: 'boolean', default: false },
  ],
}

const PLAYER = {
  entity_name: 'player',
  fields: [
    { name: 'name', type: 'string', unique: true },
    { name: 'number', type: 'integer' },
    { name: 'open', type: 'boolean', default: true },
    { name: 'locked', type: 'boolean', default: false },
    { name: 'team', type: 'relation', entity: 'team', on_delete: 'restrict' },
    { name: 'former', type: 'relation', entity: 'team', many: true },
  ],
}

const MERGE = { prefer: 'resolution=merge-duplicates,return=representation' }

const IGNORE = { prefer: 'resolution=ignore-duplicates,return=representation' }

async function start(t: Test) {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  for (const entity of [TEAM, PLAYER]) await admin('POST', '/schemas', entity)
  await admin('PUT', '/auth/roles/clerk', {})
  const clerk = as(app, (await addUser(app, 'clerk', 'clerk')).tokens.access_token)
  const allow = (entity: string, permission: object) =>
    admin('PUT', `/schemas/${entity}/permissions/clerk`, permission)
  await allow('player', { read: 'open=is.true', create: true, update: 'locked=is.false', delete: true })
  await allow('team', { read: 'hidden=is.false', create: true, update: true, delete: true })
  const made = async (url: string, body: object) => (await admin('POST', url, body)).json()
  return { admin, clerk, allow, made }
}

type Answer = Awaited<ReturnType<ReturnType<typeof as>>>

/** An answer without what tells one request from another. */
function told({ statusCode, body }: Answer, ...ids: string[]) {
  const text = ids.reduce((all, id) => all.replaceAll(id, 'ID'), body)
  return [statusCode, text.replace(/"request_id":"[^"]*"/, '')]
}

const count = async (admin: ReturnType<typeof as>) =>
  (await admin('GET', '/player?select=name,number&order=name')).json()

t.test('an upsert onto a row out of sight or not to be changed is the 409 of a taken value', async (t) => {
  const { admin, clerk, made } = await start(t)
  const unseen = await made('/player', { name: 'unseen', open: false, number: 1 })
  const locked = await made('/player', { name: 'locked', locked: true, number: 1 })
  await made('/player', { name: 'seen', number: 1 })
  const before = await count(admin)
  const taken = await clerk('POST', '/player', { name: 'unseen' })
  t.match(taken.json(), { status: 409, code: 'unique_conflict', errors: [{ pointer: '/name' }] })
  for (const [by, rows] of [
    ['name', { unseen: { name: 'unseen', number: 2 }, locked: { name: 'locked', number: 2 } }],
    ['id', { unseen: { id: unseen.id, number: 2 }, locked: { id: locked.id, number: 2 } }],
  ] as const) {
    const url = `/player?on_conflict=${by}`
    const merged = await clerk('POST', url, rows.unseen, MERGE)
    t.match(merged.json(), { status: 409, errors: [{ pointer: `/${by}`, keyword: 'unique' }] })
    if (by === 'name') t.strictSame(told(merged), told(taken), 'as if he had wanted to insert it')
    t.strictSame(
      told(await clerk('POST', url, rows.locked, MERGE)),
      told(merged),
      'seen or not, it is not his to change',
    )
    t.strictSame(told(await clerk('POST', url, rows.unseen, IGNORE)), told(merged), 'nor to know of')
    t.strictSame((await clerk('POST', url, rows.locked, IGNORE)).json(), [], 'one that he sees is ignored')
    const batch = await clerk('POST', url, [{ name: `new by ${by}`, number: 2 }, rows.unseen], MERGE)
    t.match(batch.json(), { status: 409, errors: [{ pointer: `/${by}`, row: 1 }] }, batch.body)
    for (const headers of [MERGE, IGNORE]) {
      const prefer = `${headers.prefer},bulk=partial`
      const partial = await clerk('POST', url, [rows.unseen, rows.unseen], { prefer })
      t.match(partial.json(), [{ status: 409 }, { status: 409 }], partial.body)
    }
    for (const [type, body] of [
      ['text/csv', `${Object.keys(rows.unseen).join()}\n${Object.values(rows.unseen).join()}`],
      ['application/x-ndjson', JSON.stringify(rows.unseen)],
    ] as const) {
      const imported = await clerk('POST', url, body, { ...IGNORE, 'content-type': type })
      t.equal(imported.statusCode, 409, `${type}: ${imported.body}`)
    }
  }
  t.strictSame(await count(admin), before, 'and nothing has changed')
})

t.test('a merge checks the row that it makes and the row that it changes', async (t) => {
  const { admin, clerk, allow } = await start(t)
  await allow('player', { read: true, create: 'number=lt.10', update: 'number=lt.20' })
  const url = '/player?on_conflict=name'
  t.equal((await clerk('POST', url, { name: 'a', number: 15 }, MERGE)).statusCode, 403, 'not to be created')
  t.equal((await clerk('POST', url, { name: 'a', number: 5 }, MERGE)).statusCode, 201)
  t.equal((await clerk('POST', url, { name: 'a', number: 15 }, MERGE)).statusCode, 200)
  t.equal((await clerk('POST', url, { name: 'a', number: 25 }, MERGE)).statusCode, 403, 'not to become that')
  await admin('PATCH', '/player?name=eq.a', { number: 30 })
  t.equal((await clerk('POST', url, { name: 'a', number: 15 }, MERGE)).statusCode, 409, 'not to be changed')
})

t.test('a relation to a record out of sight may stay, and may not be made', async (t) => {
  const { clerk, admin, made } = await start(t)
  const [hidden, other] = [
    await made('/team', { name: 'a', hidden: true }),
    await made('/team', { name: 'b', hidden: true }),
  ]
  const seen = await made('/team', { name: 'c' })
  const player = await made('/player', { name: 'x', team: hidden.id, former: [hidden.id] })
  const url = `/player/${player.id}`
  const none = '01980000-0000-7000-8000-000000000000'
  const same = { name: 'x', number: 1, team: hidden.id, former: [hidden.id] }
  const kept = await clerk('PUT', url, same)
  t.match([kept.statusCode, kept.json()], [200, same], kept.body)
  t.equal((await clerk('PATCH', url, { team: hidden.id })).statusCode, 200)
  t.equal((await clerk('PATCH', url, { former: [hidden.id, seen.id] })).statusCode, 200)
  t.equal((await clerk('PATCH', '/player?name=eq.x', { team: hidden.id })).statusCode, 204)
  const merge = { ...MERGE, prefer: `${MERGE.prefer}` }
  t.equal((await clerk('POST', '/player?on_conflict=name', same, merge)).statusCode, 200)
  for (const [method, path, body] of [
    ['PUT', url, { ...same, team: 'T' }],
    ['PATCH', url, { team: 'T' }],
    ['PATCH', url, { former: [hidden.id, 'T'] }],
    ['PATCH', '/player?name=eq.x', { team: 'T' }],
    ['POST', '/player', { name: 'y', team: 'T' }],
    ['POST', '/player', { name: 'y', former: ['T'] }],
    ['POST', '/player?on_conflict=name', { ...same, team: 'T' }],
  ] as const) {
    const ask = (target: string) =>
      clerk(
        method,
        path,
        JSON.parse(JSON.stringify(body).replaceAll('"T"', `"${target}"`)),
        path.includes('conflict') ? MERGE : {},
      )
    const [unseen, missing] = [await ask(other.id), await ask(none)]
    t.equal(missing.statusCode, 409, missing.body)
    t.strictSame(told(unseen, other.id), told(missing, none), `${method} ${path}`)
  }
  t.match((await admin('GET', url)).json(), { team: hidden.id, former: [hidden.id] })
  const elsewhere = { name: 'z', team: hidden.id }
  t.equal((await clerk('POST', '/player', elsewhere)).statusCode, 409, 'that another has it helps nothing')
})

t.test('what keeps a record is named only to who may read it', async (t) => {
  const { clerk, allow, made } = await start(t)
  for (const permission of [
    { read: true, fields: { read: ['name'] } },
    { read: false, create: true },
    { read: false },
  ]) {
    const team = await made('/team', { name: JSON.stringify(permission) })
    await made('/player', { name: JSON.stringify(permission), team: team.id })
    await allow('player', { read: true })
    const named = await clerk('DELETE', `/team/${team.id}`)
    t.match(named.json(), { status: 409, errors: [{ message: /player\.team of other records/ }] })
    await allow('player', permission)
    for (const url of [`/team/${team.id}`, `/team?id=eq.${team.id}`]) {
      const refused = await clerk('DELETE', url)
      t.match(refused.json(), { status: 409, code: 'reference_conflict' })
      t.notMatch(refused.body, /player|team/, refused.body)
    }
  }
})

t.test('a default that the caller may not write is no choice of his', async (t) => {
  const { admin, clerk, allow, made } = await start(t)
  const hidden = await made('/team', { name: 'a', hidden: true })
  const fields = PLAYER.fields.map((field) =>
    field.name === 'team' ? { ...field, default: hidden.id } : field,
  )
  t.equal((await admin('PUT', '/schemas/player', { fields })).statusCode, 200)
  await allow('player', { read: true, create: true, fields: { read: ['name'] } })
  const player = await clerk('POST', '/player', { name: 'x' })
  t.equal(player.statusCode, 201, player.body)
  t.match((await admin('GET', player.headers.location as string)).json(), { team: hidden.id })
  await admin('DELETE', player.headers.location as string)
  t.equal((await admin('DELETE', `/team/${hidden.id}`)).statusCode, 204)
  const broken = await clerk('POST', '/player', { name: 'x' })
  t.equal(broken.statusCode, 409)
  t.notMatch(broken.body, new RegExp(`${hidden.id}|team`))
})

t.test('the tag of a record with others embedded tells whether any of it has changed', async (t) => {
  const { admin, clerk, allow, made } = await start(t)
  const team = await made('/team', { name: 'a' })
  const player = await made('/player', { name: 'x', team: team.id })
  const url = `/player/${player.id}?select=name,team(*)`
  const back = `/team/${team.id}?select=name,player!team(name)`
  const changes = [
    () => allow('team', { read: true, fields: { read: ['name'] } }),
    () => admin('PATCH', `/team/${team.id}`, { name: 'b' }),
    () => allow('team', { read: 'name=eq.nosuch' }),
    () => allow('team', { read: true }),
    () => admin('PUT', '/schemas/team', { fields: [...TEAM.fields, { name: 'more', type: 'string' }] }),
  ]
  for (const change of changes) {
    const { headers } = await clerk('GET', url)
    const again = { 'if-none-match': String(headers.etag) }
    t.equal((await clerk('GET', url, undefined, again)).statusCode, 304)
    t.equal((await change()).statusCode, 200)
    t.equal((await clerk('GET', url, undefined, again)).statusCode, 200)
  }
  const { headers } = await clerk('GET', back)
  await made('/player', { name: 'y', team: team.id })
  t.equal((await clerk('GET', back, undefined, { 'if-none-match': String(headers.etag) })).statusCode, 200)
  const tag = String((await admin('GET', url)).headers.etag)
  t.equal((await admin('PATCH', `/player/${player.id}`, { number: 2 }, { 'if-match': tag })).statusCode, 200)
  t.equal((await admin('PATCH', `/player/${player.id}`, { number: 3 }, { 'if-match': tag })).statusCode, 412)
})
