// Relations: what they may point to, what the deletion of their target does, and that none ever dangles, whoever writes
// at the same time.

import pg from 'pg'
import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { versionOf } from '../support/records/versions.ts'
import type { TestDatabase } from '../support/test-database.ts'

type Send = Awaited<ReturnType<typeof asAdmin>>

const MISSING = '01980000-0000-7000-8000-000000000000'

async function define(send: Send, entity_name: string, ...fields: object[]): Promise<void> {
  const body = { entity_name, fields: [{ name: 'name', type: 'string' }, ...fields] }
  const answer = await send('POST', '/schemas', body)
  if (answer.statusCode !== 201) throw new Error(answer.body)
}

async function make(send: Send, entity: string, body: object = {}): Promise<string> {
  const answer = await send('POST', `/${entity}`, body)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json().id
}

const to = (entity: string, options: object = {}) => ({ name: 'of', type: 'relation', entity, ...options })

const statusOf = async (answer: ReturnType<Send>) => (await answer).statusCode

/** Holds the link rows to the records' data, where every field called `of` is a relation: by the eyes of a superuser. */
async function checkLinks(test: Test, { url }: TestDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const records = await client.query('select id, data from record where entity_id <> 0')
  const links = await client.query('select from_id, to_id from link')
  await client.end()
  const held = records.rows.flatMap(({ id, data }) =>
    [data.of ?? []].flat().map((target: string) => `${id} ${target}`),
  )
  test.same(
    links.rows.map(({ from_id, to_id }) => `${from_id} ${to_id}`).sort(),
    held.sort(),
    'links are data',
  )
  const there = new Set(records.rows.map(({ id }) => id))
  test.same(
    held.filter((pair) => !there.has(pair.slice(37))),
    [],
    'nothing dangles',
  )
}

t.test('relations', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)

  await t.test('point to what exists, wherever they stand', async (t) => {
    await define(send, 'course')
    const seat = { name: 'seat', type: 'relation', entity: 'course' }
    await define(
      send,
      'student',
      to('course', { many: true }),
      { name: 'main', type: 'relation', entity: 'course' },
      { name: 'plan', type: 'object', fields: [seat] },
      { name: 'history', type: 'array', items: { type: 'relation', entity: 'course' } },
    )
    const course = await make(send, 'course')
    const whole = {
      of: [course],
      main: course.toUpperCase(),
      plan: { seat: course },
      history: [course, course],
    }
    const made = await send('POST', '/student', whole)
    t.match(made.json(), { ...whole, main: course }, made.body)
    const bad: [pointer: string, body: object][] = [
      ['/of', { of: [course, MISSING] }],
      ['/main', { main: MISSING }],
      ['/plan', { plan: { seat: MISSING } }],
      ['/history', { history: [course, MISSING] }],
      ['/main', { main: made.json().id }],
    ]
    for (const [pointer, body] of bad) {
      const match = { code: 'reference_conflict', errors: [{ pointer, keyword: 'reference' }] }
      const created = await send('POST', '/student', body)
      t.equal(created.statusCode, 409, created.body)
      t.match(created.json(), match)
      const rows = await send('POST', '/student', [{ main: course }, body])
      t.match(rows.json(), { status: 409, errors: [{ pointer, row: 1 }] }, rows.body)
      const patched = await send('PATCH', `/student/${made.json().id}`, body)
      t.match(patched.json(), { status: 409, ...match }, patched.body)
      const put = await send('PUT', `/student/${made.json().id}`, body)
      t.match(put.json(), { status: 409, ...match }, put.body)
    }
    for (const body of [{ main: 'x' }, { main: [course] }, { of: course }, { of: [course, course] }]) {
      t.equal((await send('POST', '/student', body)).statusCode, 400, JSON.stringify(body))
    }
    t.same((await send('GET', '/student')).json(), [made.json()], 'nothing else was stored')
    t.equal((await send('DELETE', `/course/${course}`)).statusCode, 409)
    const emptied = { of: [], main: null, plan: null, history: [] }
    t.equal((await send('PATCH', `/student/${made.json().id}`, emptied)).statusCode, 200)
    t.equal((await send('DELETE', `/course/${course}`)).statusCode, 204)
  })

  await t.test('restrict, unset or take along when their target is deleted', async (t) => {
    await define(send, 'target')
    await define(send, 'held', to('target'))
    await define(send, 'loose', to('target', { on_delete: 'set_null', unique: true }))
    await define(send, 'looses', to('target', { on_delete: 'set_null', many: true, indexed: undefined }))
    await define(send, 'taken', to('target', { on_delete: 'cascade', required: true }))
    await define(send, 'taken_too', to('taken', { on_delete: 'cascade', many: true }))
    const [target, other] = [await make(send, 'target'), await make(send, 'target')]
    const held = await make(send, 'held', { of: target })
    const loose = await make(send, 'loose', { of: target })
    const looses = await make(send, 'looses', { of: [target, other] })
    const taken = await make(send, 'taken', { of: target })
    const takenToo = await make(send, 'taken_too', { of: [taken] })
    const restricted = await send('DELETE', `/target/${target}`)
    t.match(restricted.json(), { status: 409, code: 'reference_conflict', detail: /held\.of/ })
    t.equal((await send('GET', `/loose/${loose}`)).json().of, target, 'nothing has changed')
    await send('DELETE', `/held/${held}`)
    t.equal((await send('DELETE', `/target/${target}`)).statusCode, 204)
    const loosened = await send('GET', `/loose/${loose}`)
    t.match(loosened.json(), { of: null })
    t.equal(await versionOf(database, loose), 2, 'a record that lost its reference has a new version')
    t.same((await send('GET', `/looses/${looses}`)).json().of, [other])
    t.equal((await send('GET', `/taken/${taken}`)).statusCode, 404)
    t.equal((await send('GET', `/taken_too/${takenToo}`)).statusCode, 404)
    t.same((await send('GET', `/loose?of=eq.${target}`)).json(), [])
    await checkLinks(t, database)
  })

  await t.test('may lead to their own record, in circles, and through many', async (t) => {
    await define(send, 'node', to('node', { on_delete: 'cascade', many: true }))
    await define(send, 'person', to('person'))
    const person = await make(send, 'person')
    t.equal((await send('PATCH', `/person/${person}`, { of: person })).statusCode, 200)
    t.equal((await send('DELETE', `/person/${person}`)).statusCode, 204, 'itself does not hold it')
    const [a, b] = [await make(send, 'node'), await make(send, 'node')]
    const c = await make(send, 'node', { of: [a, b] })
    await send('PATCH', `/node/${a}`, { of: [b, a] })
    await send('PATCH', `/node/${b}`, { of: [c] })
    const away = await make(send, 'node')
    t.equal((await send('DELETE', `/node/${a}`)).statusCode, 204)
    t.same(
      (await send('GET', '/node')).json().map(({ id }: { id: string }) => id),
      [away],
    )
    let last = await make(send, 'node')
    const first = last
    for (let i = 0; i < 30; i++) last = await make(send, 'node', { of: [last] })
    t.equal((await send('DELETE', `/node/${first}`)).statusCode, 204, 'a long chain')
    t.equal((await send('GET', `/node/${last}`)).statusCode, 404)
    await checkLinks(t, database)
  })

  await t.test('hold nothing once their field is dropped', async (t) => {
    await define(send, 'shelf')
    await define(send, 'book', { ...to('shelf'), name: 'shelf' })
    const [one, two] = [await make(send, 'shelf'), await make(send, 'shelf')]
    for (const shelf of [one, two]) await make(send, 'book', { shelf })
    await send('PUT', '/schemas/book', { fields: [{ name: 'name', type: 'string' }] })
    t.equal((await send('DELETE', `/shelf/${one}`)).statusCode, 204)
    t.equal((await send('DELETE', '/schemas/shelf?purge=true')).statusCode, 204)
    t.equal((await send('GET', '/book')).json().length, 2)
    t.equal((await send('DELETE', '/schemas/book?purge=true')).statusCode, 204)
  })

  await t.test('stay when rows with other fields are merged beside them', async (t) => {
    await define(send, 'side')
    const side = (name: string) => ({ name, type: 'relation', entity: 'side' })
    await define(send, 'pair', { name: 'code', type: 'string', unique: true }, side('left'), side('right'))
    const [left, right] = [await make(send, 'side'), await make(send, 'side')]
    await make(send, 'pair', { code: 'a', left, right })
    await make(send, 'pair', { code: 'b', left, right })
    const rows = [
      { code: 'a', left: null },
      { code: 'b', right: null },
    ]
    const prefer = { prefer: 'resolution=merge-duplicates' }
    const merged = await send('POST', '/pair?on_conflict=code', rows, prefer)
    t.equal(merged.statusCode, 200, merged.body)
    t.equal((await send('DELETE', `/side/${left}`)).statusCode, 409, 'b holds it')
    t.equal((await send('DELETE', `/side/${right}`)).statusCode, 409, 'a holds it')
    for (const entity of ['pair', 'side']) await send('DELETE', `/schemas/${entity}?purge=true`)
  })

  await t.test('never dangle when targets go while they are set', async (t) => {
    await define(send, 'goal')
    await define(send, 'strict', to('goal'))
    await define(send, 'lax', to('goal', { on_delete: 'set_null' }))
    await define(send, 'bound', to('goal', { on_delete: 'cascade', many: true }))
    const lax = await make(send, 'lax')
    const seen = new Set<string>()
    for (let round = 0; round < 12; round++) {
      const goal = await make(send, 'goal')
      const answers = await Promise.all([
        statusOf(send('POST', '/strict', { of: goal })),
        statusOf(send('POST', '/bound', { of: [goal] })),
        statusOf(send('DELETE', `/goal/${goal}`)),
        statusOf(send('PATCH', `/lax/${lax}`, { of: goal })),
        statusOf(send('POST', '/bound', [{ of: [goal] }, { of: [goal] }])),
        statusOf(send('DELETE', `/goal/${goal}`)),
      ])
      for (const status of answers) seen.add(String(status))
    }
    t.strictSame(
      [...seen].filter((status) => !['200', '201', '204', '404', '409'].includes(status)),
      [],
    )
    await checkLinks(t, database)
  })

  await t.test('are those of the last change when many change one record', async (t) => {
    const goals = await Promise.all(Array.from({ length: 4 }, () => make(send, 'goal')))
    const strict = await make(send, 'strict')
    const bound = await make(send, 'bound')
    const changes = Array.from({ length: 24 }, (_, i) => {
      const of = goals[i % 4]
      return i % 2 === 0
        ? send(i % 3 === 0 ? 'PUT' : 'PATCH', `/strict/${strict}`, { of })
        : send('PATCH', `/bound/${bound}`, { of: [of, goals[(i + 1) % 4]] })
    })
    for (const status of await Promise.all(changes.map(statusOf))) t.equal(status, 200)
    await checkLinks(t, database)
    const { of } = (await send('GET', `/strict/${strict}`)).json()
    for (const goal of goals.filter((id) => id !== of)) await send('DELETE', `/goal/${goal}`)
    t.equal((await send('GET', `/strict/${strict}`)).json().of, of)
    await checkLinks(t, database)
  })

  await t.test('in circles are deleted from both ends at once', async (t) => {
    for (let round = 0; round < 3; round++) {
      const [a, b] = [await make(send, 'node'), await make(send, 'node')]
      await send('PATCH', `/node/${a}`, { of: [b] })
      await send('PATCH', `/node/${b}`, { of: [a] })
      const answers = await Promise.all([a, b, a, b].map((id) => statusOf(send('DELETE', `/node/${id}`))))
      t.strictSame(
        answers.filter((status) => status !== 204 && status !== 404),
        [],
      )
      t.ok(answers.includes(204))
      t.equal((await send('GET', `/node/${a}`)).statusCode, 404)
      t.equal((await send('GET', `/node/${b}`)).statusCode, 404)
    }
    await checkLinks(t, database)
  })
})
