// Two tenants, two connections, 2,000 requests in any order, with everything between that may leave a connection in an odd
// state: refused statements, values taken, timeouts, metadata that has changed, callers that have hung up. What one
// tenant is told never holds a word of the other.
import { request as httpRequest } from 'node:http'
import pg from 'pg'
import t, { type Test } from 'tap'
import { as, asAdmin, signIn, startApp } from '../support/app.ts'
import { startFiles, upload } from '../support/files/app.ts'
import { until } from '../support/until.ts'

const REQUESTS = 2000

const AT_ONCE = 16

const PASSWORD = 'a password'

const TIMEOUT_MS = 1000

const NOTE = {
  entity_name: 'note',
  fields: [
    { name: 'title', type: 'string', unique: true },
    { name: 'body', type: 'text' },
    { name: 'n', type: 'integer', indexed: true },
    { name: 'next', type: 'relation', entity: 'note', on_delete: 'set_null' },
  ],
}

/** The same sequence in every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

async function furnish(app: Awaited<ReturnType<typeof startApp>>, name: string) {
  const word = `word-of-${name}`
  const operator = await asAdmin(app)
  const made = await operator('POST', '/tenants', { name, admin: { username: word, password: PASSWORD } })
  const { access_token: token } = await signIn(app, `${name}/${word}`, PASSWORD)
  const send = as(app, token)
  await send('POST', '/schemas/', NOTE)
  const rows = Array.from({ length: 40 }, (_, n) => ({ title: `${word} ${n}`, body: word, n }))
  const ids: string[] = (await send('POST', '/note/', rows)).json().map(({ id }: { id: string }) => id)
  const file = await upload(app, token, { content: word, filename: `${word}.txt` })
  return { id: made.json().id as string, word, token, ids, file }
}

type Tenant = Awaited<ReturnType<typeof furnish>>

interface Request {
  method: string
  url: string
  body?: object
  headers?: Record<string, string>
}

/** One request of a tenant; `other` lends what must not be found. */
function pick(tenant: Tenant, other: Tenant, next: () => number): Request {
  const { word, ids, file } = tenant
  const at = Math.floor(next() * 38) + 1
  const [id, foreign] = [ids[at], other.ids[at]]
  const fresh = `${word} ${Math.floor(next() * 1e9)}`
  const requests: Request[] = [
    { method: 'GET', url: '/note' },
    { method: 'GET', url: `/note?n=gte.${at}&order=n.desc&limit=5`, headers: { prefer: 'count=exact' } },
    { method: 'GET', url: '/note?select=title,next(title,next(title)),note(title)' },
    { method: 'GET', url: '/note', headers: { accept: 'text/csv' } },
    { method: 'GET', url: '/note?select=count(),n.max()' },
    { method: 'GET', url: `/note/${id}` },
    { method: 'GET', url: `/note/${foreign}` },
    { method: 'GET', url: `/note?title=in.("${word} 1","${other.word} 1")` },
    { method: 'GET', url: file.url },
    { method: 'GET', url: other.file.url },
    { method: 'GET', url: '/auth/users' },
    { method: 'GET', url: '/audit?limit=20' },
    { method: 'GET', url: '/schemas' },
    { method: 'POST', url: '/note', body: { title: fresh, body: word, next: id } },
    { method: 'POST', url: '/note', body: { title: `${word} 1`, body: word } },
    {
      method: 'POST',
      url: '/note',
      body: { title: `${other.word} 1`.replace(other.word, word), body: word },
    },
    { method: 'POST', url: '/note', body: { title: fresh, body: word, next: foreign } },
    { method: 'POST', url: '/note', body: [{ title: `${word} 2` }, { title: fresh, body: word }] },
    {
      method: 'POST',
      url: '/note?on_conflict=title',
      body: [
        { title: `${word} ${at}`, body: word },
        { title: fresh, body: word },
      ],
      headers: { prefer: 'resolution=merge-duplicates,return=representation' },
    },
    { method: 'POST', url: '/note', body: { title: 7, nothing: word } },
    { method: 'PATCH', url: `/note/${id}`, body: { n: at, next: ids[at - 1] } },
    { method: 'PATCH', url: `/note/${foreign}`, body: { body: word } },
    {
      method: 'PATCH',
      url: `/note?n=eq.${at}`,
      body: { body: word },
      headers: { prefer: 'return=representation' },
    },
    { method: 'PATCH', url: '/note?n=lt.39', body: { title: `${word} same` } },
    {
      method: 'DELETE',
      url: `/note?title=like.${word}*&n=is.null`,
      headers: { prefer: 'return=representation' },
    },
    { method: 'DELETE', url: `/note/${foreign}` },
    { method: 'GET', url: `/note?title=like.${'%25_'.repeat(50)}` },
    { method: 'GET', url: '/note?n=eq.x' },
  ]
  return requests[Math.floor(next() * requests.length)] as Request
}

interface Answer {
  status: number
  text: string
}

/** Sends a request over the network; hangs up after so many milliseconds. */
function send(base: string, token: string, { method, url, body, headers }: Request, hangUpAfter?: number) {
  return new Promise<Answer | null>((resolve) => {
    const content = body === undefined ? {} : { 'content-type': 'application/json' }
    const all = { authorization: `Bearer ${token}`, ...content, ...headers }
    const request = httpRequest(base + url, { method, headers: all }, (response) => {
      let text = JSON.stringify(response.headers)
      response.setEncoding('utf8')
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', () => resolve(null))
    })
    request.on('error', () => resolve(null))
    request.end(body === undefined ? undefined : JSON.stringify(body))
    if (hangUpAfter !== undefined) setTimeout(() => request.destroy(), hangUpAfter)
  })
}

/** Keeps a record of each tenant locked, so that whoever changes it runs into the statement timeout. */
async function lockOne(t: Test, url: string, tenants: Tenant[]) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('begin')
  for (const { id, ids } of tenants)
    await client.query('select from record where tenant_id = $1 and id = $2 for update', [id, ids[39]])
  return client
}

t.test('2,000 interleaved requests of two tenants over two connections never mix them', async (t) => {
  const { app: first, database, storage } = await startFiles(t)
  await first.close()
  const narrow = { ...database, poolSize: 2 }
  const app = await startApp(t, narrow, { FILE_STORAGE_PATH: storage, STATEMENT_TIMEOUT: TIMEOUT_MS })
  const tenants = [await furnish(app, 'here'), await furnish(app, 'there')] as const
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  t.equal(app.pg.pool.options.max, 2)
  const client = await lockOne(t, database.url, [...tenants])
  const next = random(7)
  const statuses = new Map<number | string, number>()
  let leaks = 0

  async function one(n: number): Promise<void> {
    const [tenant, other] = n % 2 ? tenants : ([tenants[1], tenants[0]] as const)
    let request = pick(tenant, other, next)
    if (n % 150 === 3) request = { method: 'PATCH', url: `/note/${tenant.ids[39]}`, body: { n: 1 } }
    if (n % 50 === 7)
      request = { method: 'PUT', url: '/schemas/note', body: { ...NOTE, label: `${tenant.word} ${n}` } }
    const answer = await send(base, tenant.token, request, n % 9 === 0 ? next() * 12 : undefined)
    const status = answer?.status ?? 'hung up'
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (!answer?.text.includes(other.word)) return
    leaks++
    t.fail(`${request.method} ${request.url}: ${answer.text.slice(0, 500)}`)
  }

  let sent = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (sent < REQUESTS) await one(sent++)
    }),
  )
  await client.query('rollback')
  const { pool } = app.pg
  await until(() => pool.waitingCount === 0 && pool.idleCount === pool.totalCount, 'all is done')
  t.equal(leaks, 0)
  const seen = JSON.stringify(Object.fromEntries(statuses))
  for (const status of [200, 201, 400, 404, 409, 503, 'hung up'])
    t.ok((statuses.get(status) ?? 0) > 5, `${status} among ${seen}`)
  t.notOk(statuses.has(500), seen)
  for (const [tenant, other] of [tenants, tenants.toReversed()] as [Tenant, Tenant][]) {
    const { rows } = await client.query(
      `select count(*)::int as all, (count(*) filter (where data::text like $2))::int as foreign from record
       where tenant_id = $1 and entity_id <> 0`,
      [tenant.id, `%${other.word}%`],
    )
    t.ok(rows[0].all >= 30)
    t.equal(rows[0].foreign, 0)
    const still = await send(base, tenant.token, { method: 'GET', url: `/note/${tenant.ids[39]}` })
    t.equal(still?.status, 200, 'and everyone is served on')
  }
})
