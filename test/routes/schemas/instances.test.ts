// Two servers on one database: what is changed through one is in force on the other in its next request, be it an answer
// from memory, a refusal from memory or a write.

import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { SEAL_LENGTH } from '../../../lib/records/format/version-seal.ts'
import { asAdmin, startApp, startWithAdmin } from '../../support/app.ts'

type Send = Awaited<ReturnType<typeof asAdmin>>

const student = (...fields: object[]) => ({
  entity_name: 'student',
  fields: [{ name: 'name', type: 'string' }, ...fields],
})

/** A record's entity tag without its version. */
const viewIn = (etag: unknown) => String(etag).slice(SEAL_LENGTH + 1)

/** Everything that the instance could answer from memory, asked for. */
async function warm(send: Send): Promise<void> {
  for (const url of ['/schemas', '/schemas/student', '/schemas/student/json-schema', '/student']) {
    await send('GET', url)
  }
  await send('POST', '/student', { name: 'x' })
}

t.test('two instances', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const other: FastifyInstance = await startApp(t, database)
  const here = await asAdmin(app)
  const there = await asAdmin(other)

  await t.test('an entity that was not there is', async (t) => {
    for (const url of ['/student', '/schemas/student', '/schemas/student/json-schema']) {
      t.equal((await there('GET', url)).statusCode, 404, url)
    }
    t.equal((await there('POST', '/student', { name: 'x' })).statusCode, 404)
    t.same((await there('GET', '/schemas')).json(), [])
    t.equal((await here('POST', '/schemas', student())).statusCode, 201)
    t.equal((await there('POST', '/student', { name: 'Ann' })).statusCode, 201)
  })

  const changed: [name: string, check: (send: Send) => Promise<unknown>][] = [
    ['a definition', async (send) => (await send('GET', '/schemas/student')).json().version],
    ['the list of definitions', async (send) => (await send('GET', '/schemas')).json()[0]?.version],
    ['its entity tag', async (send) => (await send('HEAD', '/schemas/student')).headers.etag],
    ['the JSON Schema', async (send) => (await send('GET', '/schemas/student/json-schema')).headers.etag],
    ['a new record', async (send) => viewIn((await send('POST', '/student', { name: 'y' })).headers.etag)],
    ['a list', async (send) => Object.keys((await send('GET', '/student?limit=1')).json()[0])],
  ]
  for (const [at, [name, check]] of changed.entries()) {
    await t.test(`${name} is the new one`, async (t) => {
      await warm(there)
      const before = await check(there)
      const put = await here('PUT', '/schemas/student', student({ name: `extra${at}`, type: 'integer' }))
      t.equal(put.statusCode, 200, put.body)
      const first = await check(there)
      t.same(first, await check(here))
      t.notSame(first, before)
    })
  }

  await t.test('a field is known, or no longer', async (t) => {
    await here('PUT', '/schemas/student', student({ name: 'age', type: 'integer' }))
    await warm(there)
    t.equal((await there('POST', '/student', { age: 1 })).statusCode, 201)
    await here('PUT', '/schemas/student', student({ name: 'size', type: 'integer' }))
    t.equal((await there('POST', '/student', { age: 1 })).statusCode, 400, 'a dropped field')
    await here('PUT', '/schemas/student', student({ name: 'age', type: 'integer' }))
    t.equal((await there('POST', '/student', { age: 1 })).statusCode, 201, 'a field refused before')
    await here('PUT', '/schemas/student', student())
    t.equal((await there('GET', '/student?age=eq.1')).statusCode, 400, 'a filter on a dropped field')
  })

  await t.test('no row is refused by a constraint that is gone', async (t) => {
    const twice = [
      { name: 'x', code: 'a' },
      { name: 'x', code: 'a' },
    ]
    const partial = { prefer: 'bulk=partial' }
    await here('DELETE', '/schemas/student')
    const code = { name: 'code', type: 'string' }
    await here('POST', '/schemas', student({ ...code, unique: true }))
    t.equal((await there('POST', '/student', twice)).statusCode, 409)
    await here('PUT', '/schemas/student', student(code))
    t.equal((await there('POST', '/student', twice)).statusCode, 201)
    await here('PUT', '/schemas/student', student({ ...code, max_length: 9, required: true, default: 'b' }))
    t.match((await there('POST', '/student', [{ code: 1 }], partial)).json(), [{ status: 400 }])
    await here('PUT', '/schemas/student', student({ name: 'code2', type: 'integer' }))
    t.match((await there('POST', '/student', [{ code2: 1 }], partial)).json(), [{ status: 201 }])
  })

  await t.test('an entity that was there is not', async (t) => {
    const gone: [string, () => ReturnType<Send>][] = [
      ['a list', () => there('GET', '/student')],
      ['a record', () => there('GET', '/student/01980000-0000-7000-8000-000000000000')],
      ['a definition', () => there('GET', '/schemas/student')],
      ['its head', () => there('HEAD', '/schemas/student')],
      ['a JSON Schema', () => there('GET', '/schemas/student/json-schema')],
      ['a new record', () => there('POST', '/student', { name: 'x' })],
      ['an empty array', () => there('POST', '/student', [])],
      ['a bad record', () => there('POST', '/student', { nope: 1 })],
    ]
    for (const [name, ask] of gone) {
      await warm(there)
      t.equal((await here('DELETE', '/schemas/student')).statusCode, 204)
      t.equal((await ask()).statusCode, 404, name)
      t.equal((await here('POST', '/schemas', student())).statusCode, 201)
    }
    await warm(there)
    await here('DELETE', '/schemas/student')
    t.same((await there('GET', '/schemas')).json(), [])
  })
})
