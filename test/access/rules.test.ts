// The rules matrix: role x rule x verb x own and other rows, over HTTP, from rules.json.
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { ANONYMOUS, NOBODY } from '../../lib/access/roles.ts'
import { visitor } from '../support/access/workload.ts'
import { addUser, as, asAdmin, startWithAdmin } from '../support/app.ts'

interface Outcome {
  own: number
  other: number
}

interface Rule {
  rule: string
  role: string
  permission: object | null
  /** Pointers of what is refused, for a permission that is none. */
  refused?: string[]
  list: string[] | number
  get: Outcome
  create: Outcome
  patch: Outcome
  put: Outcome
  patchMany: number
  delete: Outcome
}

const rules: Rule[] = JSON.parse(readFileSync('test/access/rules.json', 'utf8'))

const NOTE = {
  entity_name: 'note',
  fields: [
    { name: 'title', type: 'string', required: true },
    { name: 'owner', type: 'string' },
    { name: 'public', type: 'boolean', default: false },
    { name: 'points', type: 'integer' },
    { name: 'readers', type: 'array', items: { type: 'uuid' } },
  ],
}

type Send = ReturnType<typeof as>

interface Callers {
  alice: { id: string; send: Send }
  bob: { send: Send }
}

/** Alice's row, Bob's row, and one of the admin's that is public; as the matrix finds them each time. */
async function seed(admin: Send, role: string, { alice, bob }: Callers) {
  await admin('DELETE', '/schemas/note')
  await admin('POST', '/schemas', NOTE)
  for (const other of ['clerk', 'anonymous'])
    await admin('PUT', `/schemas/note/permissions/${other}`, { create: true })
  const own = await alice.send('POST', '/note', { title: "alice's", owner: `${role}-a`, readers: [alice.id] })
  const other = await bob.send('POST', '/note', { title: "bob's", owner: `${role}-b` })
  await admin('POST', '/note', { title: 'open', owner: 'admin', public: true })
  const idOf = (answer: typeof own) => String(answer.headers.location).split('/').at(-1)
  return { own: `/note/${idOf(own)}`, other: `/note/${idOf(other)}` }
}

async function callersOf(app: FastifyInstance, role: string): Promise<Callers> {
  if (role === ANONYMOUS) return { alice: { id: NOBODY, send: visitor(app) }, bob: { send: visitor(app) } }
  const [alice, bob] = [await addUser(app, `${role}-a`, role), await addUser(app, `${role}-b`, role)]
  return {
    alice: { id: alice.id, send: as(app, alice.tokens.access_token) },
    bob: { send: as(app, bob.tokens.access_token) },
  }
}

interface Case {
  admin: Send
  alice: { id: string; send: Send }
  urls: { own: string; other: string }
  rule: Rule
}

async function checkReads(t: Test, { alice: { send }, urls, rule }: Case) {
  const list = await send('GET', '/note?select=title')
  const titles = () => list.json().map(({ title }: { title: string }) => title)
  t.strictSame(list.statusCode === 200 ? titles() : list.statusCode, rule.list, list.body)
  const counted = await send('GET', '/note?select=count()')
  if (Array.isArray(rule.list)) t.strictSame(counted.json(), [{ count: rule.list.length }])
  for (const whose of ['own', 'other'] as const)
    t.equal((await send('GET', urls[whose])).statusCode, rule.get[whose], `get ${whose}`)
}

/** What the explanation says of each row: to an admin, and to the caller. */
async function checkExplained(t: Test, { admin, alice: { send }, urls, rule }: Case) {
  const subject = rule.role === ANONYMOUS ? `role:${ANONYMOUS}` : `user:${rule.role}-a`
  for (const whose of ['own', 'other'] as const) {
    const answer = await admin('GET', `${urls[whose]}?explain=access&as=${subject}`)
    const { read, create, update, delete: remove } = answer.json().verbs
    t.equal(read.allowed, rule.get[whose] === 200, `explained: read ${whose}`)
    t.equal(update.allowed, rule.patch[whose] === 200, `explained: update ${whose}`)
    t.equal(remove.allowed, rule.delete[whose] === 204, `explained: delete ${whose}`)
    t.equal(create.allowed, Object.values(rule.create).includes(201), 'explained: create')
    const own = await send('GET', `${urls[whose]}?explain=access`)
    const isClosed = !Array.isArray(rule.list)
    const isShut = rule.role === ANONYMOUS && !create.allowed
    const unread = isShut ? 401 : 200
    t.equal(own.statusCode, isClosed ? unread : rule.get[whose], `explained to oneself: ${own.body}`)
    if (own.statusCode === 200 && !isClosed) t.equal(own.json().verbs.update.allowed, update.allowed)
  }
  const { visible, total, hidden } = (await admin('GET', `/note?explain=access&as=${subject}`)).json()
  const seen = Array.isArray(rule.list) ? rule.list.length : 0
  t.strictSame([visible, total, hidden.length], [seen, 3, 3 - seen], 'explained: the list')
}

async function checkCreate(t: Test, { admin, alice: { send }, rule }: Case) {
  for (const [whose, owner] of [
    ['own', `${rule.role}-a`],
    ['other', `${rule.role}-b`],
  ] as const) {
    const row = { title: 'new', owner }
    const batch = [{ title: 'new', owner: `${rule.role}-a` }, row]
    for (const body of [row, batch]) {
      const made = await send('POST', '/note', body)
      t.equal(made.statusCode, rule.create[whose], `create ${whose}: ${made.body}`)
    }
    const { length } = (await admin('GET', '/note?title=eq.new')).json()
    t.equal(length, rule.create[whose] === 201 ? 3 : 0, 'all or nothing is stored')
    await admin('DELETE', '/note?title=eq.new')
  }
}

async function checkChanges(t: Test, { alice: { id, send }, urls, rule }: Case) {
  const whole = {
    own: { title: "alice's", owner: `${rule.role}-a`, readers: [id] },
    other: { title: "bob's", owner: `${rule.role}-b` },
  }
  for (const whose of ['own', 'other'] as const) {
    const patched = await send('PATCH', urls[whose], { points: 1 })
    t.equal(patched.statusCode, rule.patch[whose], `patch ${whose}: ${patched.body}`)
    const put = await send('PUT', urls[whose], whole[whose])
    t.equal(put.statusCode, rule.put[whose], `put ${whose}: ${put.body}`)
  }
  const prefer = { prefer: 'return=representation' }
  const all = await send('PATCH', '/note?id=not.is.null', { points: 2 }, prefer)
  t.strictSame(all.statusCode === 200 ? all.json().length : all.statusCode, rule.patchMany, all.body)
  for (const whose of ['other', 'own'] as const)
    t.equal((await send('DELETE', urls[whose])).statusCode, rule.delete[whose], `delete ${whose}`)
}

async function checkRefusal(t: Test, admin: Send, { role, permission, refused }: Rule) {
  const set = await admin('PUT', `/schemas/note/permissions/${role}`, permission ?? {})
  const pointers = set.json().errors?.map(({ pointer }: { pointer: string }) => pointer)
  t.strictSame([set.statusCode, [...new Set(pointers)].sort()], [400, refused], set.body)
}

t.test('what a rule says holds for every verb', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('PUT', '/auth/roles/clerk', {})
  for (const role of ['user', 'clerk', ANONYMOUS]) {
    const callers = await callersOf(app, role)
    for (const rule of rules.filter((one) => one.role === role)) {
      await t.test(`${role}: ${rule.rule}`, async (t) => {
        const urls = await seed(admin, role, callers)
        if (rule.refused !== undefined) return checkRefusal(t, admin, rule)
        const url = `/schemas/note/permissions/${role}`
        const { permission } = rule
        const set = permission === null ? await admin('DELETE', url) : await admin('PUT', url, permission)
        t.ok(set.statusCode < 300, set.body)
        const one = { admin, alice: callers.alice, urls, rule }
        await checkExplained(t, one)
        await checkReads(t, one)
        await checkCreate(t, one)
        await checkChanges(t, one)
      })
    }
  }
})
