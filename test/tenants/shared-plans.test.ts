// Entities that are read in the same way share plans, also those of different tenants. Nobody notices: everyone is shown
// his own records, and told his own reasons.
import t, { type Test } from 'tap'
import { as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

const PASSWORD = 'a password'

const RECORDS = 5

/** So often is a plan asked for that it is shared in the end. */
const TIMES = 3

/** Definitions of one shape: they differ in what may be written and in what people are told. */
const noteOf = (tenant: number, name: string) => ({
  entity_name: name,
  description: `Of tenant ${tenant}`,
  fields: [
    { name: 'title', type: 'string', max_length: 20 + tenant, indexed: true, description: `title ${tenant}` },
    { name: 'n', type: 'integer', max: 1000 + tenant, default: tenant },
  ],
})

type App = Awaited<ReturnType<typeof startWithAdmin>>['app']

interface Place {
  send: ReturnType<typeof as>
  name: string
  titles: string[]
  ids: string[]
}

async function fill(send: Place['send'], name: string, owner: string): Promise<Place> {
  const titles = Array.from({ length: RECORDS }, (_, n) => `${owner} ${name} ${n}`)
  const made = await send(
    'POST',
    `/${name}/`,
    titles.map((title, n) => ({ title, n })),
  )
  return { send, name, titles, ids: made.json().map(({ id }: { id: string }) => id) }
}

async function furnish(app: App, tenant: number): Promise<Place[]> {
  const operator = await asAdmin(app)
  const owner = `tenant-${tenant}`
  await operator('POST', '/tenants', { name: owner, admin: { username: 'admin', password: PASSWORD } })
  const send = as(app, (await signIn(app, `${owner}/admin`, PASSWORD)).access_token)
  for (const name of ['note', 'memo']) await send('POST', '/schemas/', noteOf(tenant, name))
  return [await fill(send, 'note', owner), await fill(send, 'memo', owner)]
}

const titlesOf = (answer: { json(): { title: string }[] }) => answer.json().map(({ title }) => title)

/** The titles page by page, and the first page's cursor. */
async function walk({ send, name }: Place) {
  const titles: string[] = []
  let first: string | undefined
  let url: string | undefined = `/${name}/?order=title&limit=2`
  while (url !== undefined) {
    const answer = await send('GET', url)
    titles.push(...titlesOf(answer))
    url = /<([^>]+)>; rel="next"/.exec(String(answer.headers.link))?.[1]
    first ??= url
  }
  return { titles, next: first as string }
}

async function readAll(t: Test, place: Place): Promise<void> {
  const { send, name, titles, ids } = place
  for (const [at, id] of ids.entries()) {
    t.match((await send('GET', `/${name}/${id}`)).json(), { id, title: titles[at], n: at })
    t.strictSame((await send('GET', `/${name}/${id}?select=title`)).json(), { title: titles[at] })
  }
  t.strictSame((await walk(place)).titles, titles)
  t.strictSame(titlesOf(await send('GET', `/${name}/?n=gte.3&order=n`)), titles.slice(3))
  const counted = await send('GET', `/${name}/?limit=2`, undefined, { prefer: 'count=exact' })
  t.equal(counted.headers['content-range'], `0-1/${RECORDS}`)
  t.strictSame((await send('GET', `/${name}/?select=count()`)).json(), [{ count: RECORDS }])
  t.strictSame((await send('GET', `/${name}/?select=id,n&n=eq.2`)).json(), [{ id: ids[2], n: 2 }])
}

t.test('entities of one shape', async (t) => {
  const { app } = await startWithAdmin(t)
  const places = (await Promise.all([1, 2, 3].map((tenant) => furnish(app, tenant)))).flat()

  t.test('everyone reads his own records, whoever the plan was made for', async (t) => {
    for (let time = 0; time < TIMES; time++) for (const place of places) await readAll(t, place)
    await Promise.all(places.map((place) => readAll(t, place)))
  })

  t.test('nobody finds a record of another tenant or entity', async (t) => {
    for (const { send, name } of places)
      for (const other of places)
        for (const id of other.ids.slice(0, 1)) {
          const own = other.send === send && other.name === name
          t.equal((await send('GET', `/${name}/${id}`)).statusCode, own ? 200 : 404)
        }
  })

  t.test('a cursor is good for the entity that it was made for', async (t) => {
    const cursors = await Promise.all(places.map(async (place) => (await walk(place)).next))
    for (const [mine, { send, name }] of places.entries())
      for (const [theirs, next] of cursors.entries()) {
        const url = next.replace(/^\/\w+/, `/${name}`)
        const answer = await send('GET', url)
        t.equal(answer.statusCode, mine === theirs ? 200 : 400, url)
      }
  })

  t.test('what is written is told as it was written, and refused by the own rules', async (t) => {
    for (const [at, { send, name, titles }] of places.entries()) {
      const tenant = Math.floor(at / 2) + 1
      const made = await send('POST', `/${name}/`, { title: 'new' })
      t.match(made.json(), { title: 'new', n: tenant })
      t.equal((await send('POST', `/${name}/`, { n: 1000 + tenant })).statusCode, 201)
      t.equal((await send('POST', `/${name}/`, { n: 1001 + tenant })).statusCode, 400)
      t.equal((await send('PATCH', `/${name}/?title=eq.new`, { n: 7 })).statusCode, 204)
      t.strictSame(titlesOf(await send('GET', `/${name}/?n=eq.0`)), [titles[0]])
      const refused = (await send('GET', `/${name}/?n=eq.x`)).json()
      t.match(refused.detail, 'is not a value of n')
    }
  })

  t.test('a role sees what its own tenant shows it', async (t) => {
    const [open, , closed] = places as [Place, Place, Place]
    const readers = await Promise.all(
      [open, closed].map(async ({ send }, at) => {
        await send('POST', '/auth/users', { username: 'reader', password: PASSWORD, role: 'user' })
        return as(app, (await signIn(app, `tenant-${at + 1}/reader`, PASSWORD)).access_token)
      }),
    )
    await closed.send('PUT', '/schemas/note/permissions/user', { read: true, fields: { read: ['n'] } })
    for (let time = 0; time < TIMES; time++) {
      const answers = await Promise.all(readers.map((reader) => reader('GET', '/note/?limit=1')))
      t.strictSame(
        answers.map((answer) => 'title' in answer.json()[0]),
        [true, false],
      )
      const filtered = await Promise.all(readers.map((reader) => reader('GET', '/note/?title=eq.x')))
      t.strictSame(
        filtered.map(({ statusCode }) => statusCode),
        [200, 400],
      )
    }
  })

  t.test('a definition that is changed is read in its new way at once', async (t) => {
    const [{ send, ids }, , { send: sendOther, ids: others }] = places as [Place, Place, Place]
    const [title] = noteOf(1, 'note').fields
    t.equal((await send('PUT', '/schemas/note', { ...noteOf(1, 'note'), fields: [title] })).statusCode, 200)
    t.notOk('n' in (await send('GET', `/note/${ids[0]}`)).json())
    t.ok('n' in (await sendOther('GET', `/note/${others[0]}`)).json())
  })
})
