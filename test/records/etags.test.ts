// Entity tags of records: what they show, who may make them, and in which spellings proxies send them back.
import { randomBytes, randomUUID } from 'node:crypto'
import t from 'tap'
import { SEAL_LENGTH, VersionSeal } from '../../lib/records/format/version-seal.ts'
import { addUser, as, asAdmin, startApp, startWithAdmin } from '../support/app.ts'

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'secret', type: 'integer' },
  ],
}

/** The sealed version in a tag. */
const sealIn = (tag: unknown) => String(tag).slice(1, SEAL_LENGTH + 1)

t.test('a tag shows that a hidden field has changed, and not how often', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', THING)
  await admin('PUT', '/schemas/thing/permissions/user', { read: true, fields: { read: ['name'] } })
  const reader = as(app, (await addUser(app, 'reader', 'user')).tokens.access_token)
  const made = [0, 1].map(async () => (await admin('POST', '/thing', { name: 'a' })).json().id as string)
  const [one, other] = await Promise.all(made)
  const seen: string[] = []
  for (let secret = 0; secret < 5; secret += 1) {
    const { headers, body } = await reader('GET', `/thing/${one}`)
    t.notMatch(body, /secret/)
    seen.push(sealIn(headers.etag))
    t.equal((await admin('PATCH', `/thing/${one}`, { secret })).statusCode, 200)
  }
  t.equal(new Set(seen).size, 5, 'each change gives another tag')
  t.notOk(seen.includes(sealIn((await reader('GET', `/thing/${other}`)).headers.etag)))
  const stale = { 'if-match': `"${seen[4]}-1-x"` }
  t.equal((await admin('PATCH', `/thing/${one}`, { name: 'b' }, stale)).statusCode, 412)
})

t.test('the key is that of SECRET_KEY', async (t) => {
  const old = 'the key of yesterday, of 32 bytes and more'
  const { app, database } = await startWithAdmin(t, { SECRET_KEY: old })
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', THING)
  const made = await admin('POST', '/thing', { name: 'a' })
  const url = `/thing/${made.json().id}`
  const tag = String(made.headers.etag)

  const twin = await asAdmin(await startApp(t, database, { SECRET_KEY: old }))
  t.equal((await twin('GET', url)).headers.etag, tag, 'two instances agree')

  const rotated = await asAdmin(await startApp(t, database, { SECRET_KEY_PREVIOUS: old }))
  const { headers } = await rotated('GET', url)
  t.not(sealIn(headers.etag), sealIn(tag))
  t.equal((await rotated('PATCH', url, { name: 'b' }, { 'if-match': tag })).statusCode, 200)
  t.equal((await rotated('PATCH', url, { name: 'c' }, { 'if-match': tag })).statusCode, 412)

  const foreign = await asAdmin(await startApp(t, database))
  t.equal((await foreign('PATCH', url, { name: 'c' }, { 'if-match': tag })).statusCode, 412)
})

t.test('the tag of one record does not match another', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', THING)
  const [one, other] = [await admin('POST', '/thing', {}), await admin('POST', '/thing', {})]
  const tag = { 'if-match': String(one.headers.etag) }
  t.equal((await admin('DELETE', `/thing/${other.json().id}`, undefined, tag)).statusCode, 412)
  t.equal((await admin('DELETE', '/thing/none', undefined, tag)).statusCode, 404)
  t.equal((await admin('DELETE', `/thing/${one.json().id.toUpperCase()}`, undefined, tag)).statusCode, 204)
})

t.test('a tag that a proxy has changed names the same record', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', THING)
  const spellings = [
    (opaque: string) => `W/"${opaque}"`,
    (opaque: string) => `"${opaque}-gzip"`,
    (opaque: string) => `W/"${opaque}-br"`,
    (opaque: string) => `"${opaque};gzip"`,
    (opaque: string) => `"x", W/"y", W/"${opaque}-gzip"`,
    () => ' * ',
  ]
  for (const spell of spellings) {
    const made = await admin('POST', '/thing', { name: 'a' })
    const { id } = made.json()
    const spelled = spell(String(made.headers.etag).slice(1, -1))
    await t.test(spelled.slice(0, 20), async (t) => {
      const none = { 'if-none-match': spelled }
      t.equal((await admin('GET', `/thing/${id}`, undefined, none)).statusCode, 304)
      const match = { 'if-match': spelled }
      t.equal((await admin('GET', `/thing/${id}`, undefined, match)).statusCode, 200)
      t.equal((await admin('PUT', `/thing/${id}`, { name: 'b' }, match)).statusCode, 200)
      const again = (await admin('PATCH', `/thing/${id}`, { name: 'c' }, match)).statusCode
      t.equal(again, spelled === ' * ' ? 200 : 412)
    })
  }
  const definition = await admin('GET', '/schemas/thing')
  const weak = `W/${definition.headers.etag}`
  t.equal((await admin('GET', '/schemas/thing', undefined, { 'if-none-match': weak })).statusCode, 304)
  t.equal((await admin('PUT', '/schemas/thing', THING, { 'if-match': weak })).statusCode, 200)
})

t.test('a seal', async (t) => {
  const seal = new VersionSeal(randomBytes(16))
  const record = { entityId: 7, id: randomUUID() }
  for (const version of [1, 2, 255, 2 ** 31 - 1]) {
    const sealed = seal.seal(record, version)
    t.match(sealed, /^[\w-]{22}$/)
    t.equal(seal.open(record, sealed), version)
    t.equal(seal.open({ ...record, entityId: 8 }, sealed), undefined, 'is that of one entity')
    t.equal(seal.open({ ...record, id: randomUUID() }, sealed), undefined, 'and of one record')
    t.equal(new VersionSeal(randomBytes(16)).open(record, sealed), undefined, 'and of one key')
  }
  for (const text of ['', 'abc', 'A'.repeat(22), 'A'.repeat(44)]) t.equal(seal.open(record, text), undefined)
})
