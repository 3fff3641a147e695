// What an admin sees of the indexes of an entity.
import t from 'tap'
import { firstIdAt } from '../../lib/entities/record-id.ts'
import { reportIndexes } from '../../lib/indexing/index-report.ts'
import { addUser, as } from '../support/app.ts'
import { define, indexesOf, startSlots } from '../support/indexing/entity.ts'
import { entity, field } from '../support/query/sample.ts'

const student = {
  ...entity('student', [
    field('name', 'string', { indexed: true }),
    field('age', 'integer'),
    field('born', 'date'),
  ]),
  slots: { age: { slot: 1, ready: true }, name: { slot: 2, ready: false } },
}

t.test('each index with its slot, state, progress and reason, in the order of the fields', async (t) => {
  const place = { at: firstIdAt(1250), first: firstIdAt(1000), last: firstIdAt(2000) }
  t.match(reportIndexes(student, place), [
    { field: 'name', slot: 2, state: 'filling', progress: 0.25, reason: 'requested', why: /asks for it/ },
    { field: 'age', slot: 1, state: 'ready', progress: 1, reason: 'automatic', why: /filtered or sorted/ },
  ])
})

const places: [what: string, at: number, first: number, last: number, progress: number][] = [
  ['not begun', 0, 1000, 2000, 0],
  ['at the first', 1000, 1000, 2000, 0],
  ['at the last, but not yet in use', 2000, 1000, 2000, 0.99],
  ['beyond what is there', 3000, 1000, 2000, 0.99],
  ['at the only one', 1000, 1000, 1000, 0],
]

for (const [what, at, first, last, progress] of places) {
  t.test(`progress: ${what}`, async (t) => {
    const place = { at: firstIdAt(at), first: firstIdAt(first), last: firstIdAt(last) }
    t.equal(reportIndexes(student, place)[0]?.progress, progress)
  })
}

t.test('it is for admins, and for entities that exist', async (t) => {
  const { app, send } = await startSlots(t)
  await define(send, 'student', [{ name: 'age', type: 'integer' }])
  t.same(await indexesOf(send, 'student'), [])
  t.equal((await send('GET', '/schemas/student/indexes/')).statusCode, 200)
  t.match((await send('GET', '/schemas/nothing/indexes')).json(), { status: 404, code: 'entity_not_found' })
  const { tokens } = await addUser(app, 'alice', 'user')
  const answer = await as(app, tokens.access_token)('GET', '/schemas/student/indexes')
  t.equal(answer.statusCode, 403)
})
