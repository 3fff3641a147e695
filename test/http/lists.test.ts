// The lists that are no records: pages with a Link to the next, and parameters that mean nothing are refused.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

const LISTS = [
  { url: '/auth/users', allowed: /limit, offset/ },
  { url: '/auth/keys', allowed: /limit, offset/ },
  { url: '/tenants', allowed: /limit, offset/ },
  { url: '/files', allowed: /limit, offset, cursor/ },
]

async function startFurnished(t: Parameters<typeof startWithAdmin>[0]) {
  const { app } = await startWithAdmin(t, { DEFAULT_LIMIT: 2, MAX_LIMIT: 3 })
  const admin = await asAdmin(app)
  const multipart = { 'content-type': 'multipart/form-data; boundary=x' }
  const file = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nb\r\n--x--\r\n'
  for (let n = 1; n <= 5; n++) {
    const password = 'a password'
    await admin('POST', '/auth/keys', { name: `key ${n}`, role: 'user' })
    await admin('POST', '/files/upload', file, multipart)
    if (n === 5) continue
    await admin('POST', '/auth/users', { username: `user${n}`, password, role: 'user' })
    await admin('POST', '/tenants', { name: `tenant${n}`, admin: { username: 'boss', password } })
  }
  return admin
}

t.test('a client that follows the links sees every row once', async (t) => {
  const admin = await startFurnished(t)
  for (const { url } of LISTS) {
    const ids = new Set<string>()
    let pages = 0
    for (let next: string | undefined = url; next !== undefined; pages++) {
      const answer = await admin('GET', next)
      t.equal(answer.statusCode, 200, answer.body)
      for (const { id } of answer.json()) ids.add(id)
      next = /^<(.+)>; rel="next"$/.exec(answer.headers.link?.toString() ?? '')?.[1]
    }
    t.strictSame([pages, ids.size], [3, 5], url)
    t.equal((await admin('GET', `${url}?limit=1000`)).json().length, 3, 'MAX_LIMIT holds')
    t.notOk('link' in (await admin('GET', `${url}?limit=0`)).headers)
    const last = await admin('GET', `${url}?offset=3`)
    t.strictSame([last.headers['content-range'], last.headers.link], ['3-4/*', undefined])
    t.strictSame((await admin('GET', `${url}?offset=1e300`)).statusCode, url === '/files' ? 400 : 200)
  }
})

t.test('a parameter that means nothing is a 400 that names those that do', async (t) => {
  const admin = await startFurnished(t)
  // Files are filtered and ordered as records are.
  for (const { url, allowed } of LISTS.filter((list) => list.url !== '/files'))
    for (const query of ['name=eq.x', 'Limit=1', 'constructor=1', 'order=id']) {
      const answer = await admin('GET', `${url}?${query}`)
      t.match([answer.statusCode, answer.json().code], [400, 'invalid_parameter'], `${url}?${query}`)
      t.match(answer.json().detail, allowed)
    }
})

t.test('a name that cannot be one is refused in words', async (t) => {
  const admin = await startFurnished(t)
  const password = 'a password'
  const user = await admin('POST', '/auth/users', { username: 'a/b', password, role: 'A' })
  t.match(user.json().errors, [
    { pointer: '/username', message: /printable characters except `\/`/ },
    { pointer: '/role', message: /lower-case letter/ },
  ])
  const tenant = await admin('POST', '/tenants', { name: 'A_b', admin: { username: ' x', password } })
  t.match(tenant.json().errors, [
    { pointer: '/name', message: /lower-case letter/ },
    { pointer: '/admin/username', message: /printable/ },
  ])
  for (const answer of [user, tenant]) t.notMatch(answer.body, /\\\\p|\^\[/)
})

t.test('a content type that nothing reads is refused with those that something reads', async (t) => {
  const admin = await startFurnished(t)
  await admin('POST', '/schemas/', { entity_name: 'note', fields: [] })
  const xml = { 'content-type': 'text/xml' }
  for (const [url, allowed] of [
    ['/auth/users', /as text\/xml; send it as application\/json\.$/],
    ['/auth/token', /application\/x-www-form-urlencoded or application\/json/],
    ['/files/upload', /multipart\/form-data/],
    ['/note', /application\/json or text\/csv or .*application\/x-ndjson/],
  ] as const) {
    const answer = await admin('POST', url, '<a/>', xml)
    t.match([answer.statusCode, answer.json().detail], [415, allowed], url)
  }
  t.match((await admin('POST', '/auth/users', Buffer.from('x'), { 'content-type': '' })).json().status, 415)
})
