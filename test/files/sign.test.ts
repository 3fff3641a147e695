// Signed addresses: they work without a token until they expire, and as long as the file and the right of who signed are there.
import t, { type Test } from 'tap'
import { ADMIN, addUser, as, signIn, startApp, startWithAdmin } from '../support/app.ts'
import { MovableClock } from '../support/clock.ts'
import { upload } from '../support/files/app.ts'

const DAY = 86_400

/** The first address of a file in a body. */
const urlIn = (body: string) => /"(\/files\/[^"]+)"/.exec(body)?.[1] ?? 'none'

async function start(t: Test) {
  const clock = new MovableClock()
  const { app, database } = await startWithAdmin(t, {}, { clock })
  const admin = (await signIn(app, ADMIN.username, ADMIN.password)).access_token
  const send = as(app, admin)
  const get = (url: string, headers = {}) => app.inject({ url, headers })
  const sign = async (token: string, id: string, expires_in: unknown = 3600) =>
    (await as(app, token)('POST', `/files/${id}/sign`, { expires_in })).json()
  return { app, database, clock, admin, send, get, sign }
}

t.test('a signed address', async (t) => {
  const { app, clock, admin, send, get, sign } = await start(t)

  t.test('works without a token, for parts and for HEAD, until it expires', async (t) => {
    const file = await upload(app, admin, { content: 'hello' })
    const answer = await send('POST', `/files/${file.id}/sign`, { expires_in: 60 })
    t.equal(answer.statusCode, 200)
    const { url, expires_at } = answer.json()
    t.strictSame(Object.keys(answer.json()), ['url', 'expires_at'])
    t.ok(Math.abs(Date.parse(expires_at) - clock.now() - 60_000) <= 1000)
    t.match(await get(url), { statusCode: 200, body: 'hello' })
    t.match(await get(url, { range: 'bytes=1-2' }), { statusCode: 206, body: 'el' })
    const head = await app.inject({ method: 'HEAD', url })
    t.match(head, { statusCode: 200, headers: { 'content-length': '5' } })
    t.match(await get(url, { authorization: 'Bearer nonsense' }), { statusCode: 200 })
    t.match(await get(url, { 'if-none-match': head.headers.etag }), { statusCode: 304 })
    clock.move(61_000)
    t.match((await get(url)).json(), { status: 403, code: 'signature_expired' })
  })

  t.test('is good for its file alone and unaltered', async (t) => {
    const file = await upload(app, admin, { content: 'a' })
    const other = await upload(app, admin, { content: 'b' })
    const { url } = await sign(admin, file.id)
    const signature = new URL(url, 'http://x').searchParams.get('signature') as string
    const at = `/files/${file.id}/content?signature=`
    const altered = [
      url.replace(file.id, other.id),
      ...Array.from(
        signature,
        (char, i) => `${at}${signature.slice(0, i)}${char === 'a' ? 'b' : 'a'}${signature.slice(i + 1)}`,
      ),
      `${at}${signature.slice(0, -1)}`,
      `${at}${signature}0`,
      `${at}${signature}&signature=${signature}`,
      at,
      `${at}x`,
      `${at}%00.${'0'.repeat(64)}`,
      `/files/nonsense/content?signature=${signature}`,
    ]
    for (const wrong of altered)
      t.match((await get(wrong)).json(), { status: 403, code: 'signature_invalid' }, wrong)
    t.equal((await get(`/files/${file.id}/content`)).statusCode, 401)
    t.equal((await get(`/files/${file.id}?signature=${signature}`)).statusCode, 401, 'of the content alone')
    t.equal((await get(url.replace(file.id, file.id.toUpperCase()))).statusCode, 200)
  })

  t.test('shows nobody who signed it', async (t) => {
    const alice = await addUser(app, 'alice', 'user')
    const file = await upload(app, alice.tokens.access_token, { content: 'a' })
    const { url } = await sign(alice.tokens.access_token, file.id)
    const signature = new URL(url, 'http://x').searchParams.get('signature') as string
    const hex = Buffer.from(signature.split('.')[0] as string, 'base64url').toString('hex')
    t.notMatch(hex, alice.id.replaceAll('-', ''))
  })

  for (const body of [
    {},
    null,
    [],
    { expires_in: 0 },
    { expires_in: -1 },
    { expires_in: 1.5 },
    { expires_in: '60' },
    { expires_in: null },
    { expires_in: 7 * DAY + 1 },
    { expires_in: 60, path: 'x' },
  ])
    t.test(`${JSON.stringify(body)} asks for none`, async (t) => {
      const file = await upload(app, admin, { content: 'a' })
      t.equal((await send('POST', `/files/${file.id}/sign`, body as object)).statusCode, 400)
    })

  t.test('may be good for seven days', async (t) => {
    const file = await upload(app, admin, { content: 'a' })
    const { url } = await sign(admin, file.id, 7 * DAY)
    clock.move((7 * DAY - 10) * 1000)
    t.equal((await get(url)).statusCode, 200)
  })
})

t.test('a signed address ends with', async (t) => {
  const { app, clock, admin, send, get, sign } = await start(t)
  const revoked = { status: 403, code: 'signature_revoked' }
  let count = 0
  const add = (role: string) => addUser(app, `user ${count++}`, role)
  await send('POST', '/schemas/', { entity_name: 'album', fields: [{ name: 'photo', type: 'file' }] })

  t.test('the file', async (t) => {
    const file = await upload(app, admin, { content: 'a' })
    const { url } = await sign(admin, file.id)
    await send('DELETE', `/files/${file.id}`)
    t.match((await get(url)).json(), { status: 404, code: 'file_not_found' })
    t.equal((await send('POST', `/files/${file.id}/sign`, { expires_in: 60 })).statusCode, 404)
  })

  t.test('the account of who signed', async (t) => {
    const { id, tokens } = await add('user')
    const file = await upload(app, tokens.access_token, { content: 'a' })
    const { url } = await sign(tokens.access_token, file.id)
    await send('PATCH', `/auth/users/${id}`, { active: false })
    t.match((await get(url)).json(), revoked)
    await send('PATCH', `/auth/users/${id}`, { active: true })
    t.equal((await get(url)).statusCode, 200)
    await send('DELETE', `/auth/users/${id}`)
    t.match((await get(url)).json(), revoked)
  })

  t.test('the role that let them read', async (t) => {
    const { id, tokens } = await add('admin')
    const file = await upload(app, admin, { content: 'a' })
    const { url } = await sign(tokens.access_token, file.id)
    await send('PATCH', `/auth/users/${id}`, { role: 'user' })
    t.match((await get(url)).json(), revoked)
  })

  t.test('the permission that let them read, and with the record', async (t) => {
    const { tokens } = await add('user')
    const file = await upload(app, admin, { content: 'a' })
    const { id } = (await send('POST', '/album/', { photo: file.id })).json()
    const { url } = await sign(tokens.access_token, file.id)
    t.equal((await get(url)).statusCode, 200)
    await send('PUT', '/schemas/album/permissions/user', { read: false })
    t.match((await get(url)).json(), revoked)
    await send('DELETE', '/schemas/album/permissions/user')
    t.equal((await get(url)).statusCode, 200)
    await send('PATCH', `/album/${id}`, { photo: null })
    t.match((await get(url)).json(), revoked)
  })

  t.test('the key that signed', async (t) => {
    const expires_at = new Date(clock.now() + 60_000).toISOString()
    const keys = [
      await send('POST', '/auth/keys', { name: 'k', role: 'admin' }),
      await send('POST', '/auth/keys', { name: 'l', role: 'admin', expires_at }),
    ]
    const [{ id, key }, { key: short }] = keys.map((answer) => answer.json()) as [
      { id: string; key: string },
      { key: string },
    ]
    const file = await upload(app, admin, { content: 'a' })
    const [{ url }, second] = [await sign(key, file.id), await sign(short, file.id)]
    t.equal((await get(second.url)).statusCode, 200)
    clock.move(61_000)
    t.match((await get(second.url)).json(), revoked)
    t.equal((await get(url)).statusCode, 200)
    await send('DELETE', `/auth/keys/${id}`)
    t.match((await get(url)).json(), revoked)
  })

  t.test('its tenant, while that is suspended', async (t) => {
    await send('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password: 'a password' } })
    const boss = (await signIn(app, 'acme/boss', 'a password')).access_token
    const file = await upload(app, boss, { content: 'a' })
    const { url } = await sign(boss, file.id)
    t.equal((await get(url)).statusCode, 200)
    await send('PATCH', '/tenants/acme', { active: false })
    t.match((await get(url)).json(), revoked)
    await send('PATCH', '/tenants/acme', { active: true })
    t.equal((await get(url)).statusCode, 200)
    await send('DELETE', '/tenants/acme')
    t.match((await get(url)).json(), revoked)
  })

  t.test('what a tenant has opened to anonymous, where anonymous signed', async (t) => {
    const file = await upload(app, admin, { content: 'a' })
    await send('POST', '/album/', { photo: file.id })
    await send('PUT', '/schemas/album/permissions/anonymous', { read: true })
    const list = await app.inject({
      url: '/album/?select=photo(url)&photo=not.is.null',
      headers: { prefer: 'sign=60' },
    })
    const { url } = list.json().at(-1).photo
    t.equal((await get(url)).statusCode, 200)
    await send('DELETE', '/schemas/album/permissions/anonymous')
    t.match((await get(url)).json(), revoked)
  })
})

t.test('Prefer: sign', async (t) => {
  const { app, clock, admin, send, get } = await start(t)
  await send('POST', '/schemas/', {
    entity_name: 'album',
    fields: [
      { name: 'photo', type: 'file' },
      { name: 'all', type: 'file', many: true },
    ],
  })
  const file = await upload(app, admin, { content: 'hello' })
  const { id } = (await send('POST', '/album/', { photo: file.id, all: [file.id] })).json()
  const prefer = { prefer: 'sign=3600' }

  for (const [method, url, body] of [
    ['GET', '/album/?select=photo(id,url)', undefined],
    ['GET', '/album/?select=all(url)', undefined],
    ['GET', '/album/?select=...photo(link:url)', undefined],
    ['GET', `/album/${id}?select=photo(*)`, undefined],
    ['PATCH', `/album/${id}?select=photo(url)`, { photo: file.id }],
    ['POST', '/album/?select=photo(url)', { photo: file.id }],
    ['GET', '/files/', undefined],
    ['GET', `/files/${file.id}`, undefined],
  ] as const)
    t.test(`signs the addresses of ${method} ${url}`, async (t) => {
      const answer = await send(method, url, body, prefer)
      t.equal(answer.headers['preference-applied'], 'sign=3600')
      const signed = urlIn(answer.body)
      t.match(await get(signed), { statusCode: 200, body: 'hello' })
      const plain = urlIn((await send(method, url, body)).body)
      t.equal(plain, file.url)
    })

  t.test('for so many seconds', async (t) => {
    const answer = await send('GET', '/album/?select=photo(url)', undefined, { prefer: 'sign=10' })
    const { url } = answer.json()[0].photo
    t.equal((await get(url)).statusCode, 200)
    clock.move(11_000)
    t.match((await get(url)).json(), { code: 'signature_expired' })
  })

  t.test('works in streams', async (t) => {
    const answer = await send('GET', '/album/?select=photo(url)', undefined, {
      ...prefer,
      accept: 'application/x-ndjson',
    })
    t.equal((await get(JSON.parse(answer.body.split('\n')[0] as string).photo.url)).statusCode, 200)
  })

  t.test('takes 1 to 604800', async (t) => {
    for (const value of ['0', '-1', 'x', '1.5', '604801', '99999999', '']) {
      const answer = await send('GET', '/album/?select=photo(url)', undefined, { prefer: `sign=${value}` })
      t.equal(answer.headers['preference-applied'], undefined)
      t.equal(answer.json()[0].photo.url, file.url)
      const strict = await send('GET', '/album/', undefined, { prefer: `handling=strict, sign=${value}` })
      t.equal(strict.statusCode, 400)
    }
  })
})

t.test('a signature outlives a change of SECRET_KEY as long as the previous one is known', async (t) => {
  const { app, database, admin, sign } = await start(t)
  const file = await upload(app, admin, { content: 'a' })
  const { url } = await sign(admin, file.id)
  const SECRET_KEY = 'another secret for tests, 32 bytes and more'
  const SECRET_KEY_PREVIOUS = 'a secret for tests only, 32 bytes and more'
  const next = await startApp(t, database, { SECRET_KEY, SECRET_KEY_PREVIOUS })
  t.equal((await next.inject({ url })).statusCode, 200)
  const later = await startApp(t, database, { SECRET_KEY })
  t.match((await later.inject({ url })).json(), { status: 403, code: 'signature_invalid' })
})

t.test('addresses of files are under PUBLIC_URL, signed or not', async (t) => {
  const { app, database, admin, send } = await start(t)
  await send('POST', '/schemas/', { entity_name: 'album', fields: [{ name: 'photo', type: 'file' }] })
  const file = await upload(app, admin, { content: 'a' })
  await send('POST', '/album/', { photo: file.id })
  const other = await startApp(t, database, { PUBLIC_URL: 'https://files.example/api' })
  const ask = as(other, admin)
  const base = 'https://files.example/api/files/'
  for (const url of ['/files/', `/files/${file.id}`, '/album/?select=photo(url)']) {
    t.match((await ask('GET', url)).body, `"${base}${file.id}/content"`, url)
    const signed = await ask('GET', url, undefined, { prefer: 'sign=60' })
    t.match(signed.body, `"${base}${file.id}/content?signature=`, url)
  }
  const { url } = (await ask('POST', `/files/${file.id}/sign`, { expires_in: 60 })).json()
  t.ok(url.startsWith(base))
  t.equal((await other.inject({ url: url.replace('https://files.example/api', '') })).body, 'a')
})
