// An import and the schema: no record is stored under a definition that has been replaced, and no import holds up a change
// for ever.

import t from 'tap'
import { addUser, as } from '../support/app.ts'
import { MovableClock } from '../support/clock.ts'
import { CSV, STUDENT, startStudents } from '../support/import/students.ts'
import { onStatements } from '../support/sent-statements.ts'

const MINIMAL = { ...CSV, prefer: 'return=minimal' }

const lines = (count: number) => Array.from({ length: count }, (_, n) => `n${n},${n}\n`).join('')

t.test('an import takes ten minutes at most', async (t) => {
  const clock = new MovableClock()
  const { send, count } = await startStudents(t, {}, { clock })
  onStatements(t, ([first]) => {
    if (first?.text === 'release savepoint attempt') clock.move(301_000)
  })
  t.match(await send('POST', '/student', `name,age\n${lines(2000)}`, MINIMAL), { statusCode: 201 })
  const answer = await send('POST', '/student', `name,age\n${lines(3000)}`, MINIMAL)
  t.match(answer.json(), { status: 503, code: 'statement_timeout', hint: /Split the file/ })
  t.equal(await count(), 2000, 'nothing of it stays')
})

t.test(
  'a definition that an import does not satisfy, and the import: one of the two is refused',
  async (t) => {
    const { send, count } = await startStudents(t)
    const fields = STUDENT.fields.map((field) => (field.name === 'age' ? { ...field, max: 10_000 } : field))
    let refused = 0
    for (const wait of [0, 20, 200]) {
      await send('DELETE', '/student?id=not.is.null')
      await send('PUT', '/schemas/student', STUDENT)
      const importing = send('POST', '/student', `name,age\n${lines(12_000)}`, MINIMAL)
      await new Promise((resolve) => setTimeout(resolve, wait))
      const [imported, changed] = await Promise.all([
        importing,
        send('PUT', '/schemas/student', { ...STUDENT, fields }),
      ])
      const statuses = `${imported.statusCode} ${changed.statusCode}`
      t.ok(['201 409', '400 200'].includes(statuses), statuses)
      t.equal(await count(), imported.statusCode === 201 ? 12_000 : 0)
      refused += changed.statusCode === 409 ? 1 : 0
    }
    t.comment(`${refused} of 3 times the definition was refused`)
  },
)

t.test('an import does what its sender may', async (t) => {
  const { app, send, count } = await startStudents(t)
  await send('PUT', '/schemas/student/permissions/user', {
    read: true,
    create: 'level=eq.a',
    fields: { read: ['name', 'age', 'level'], write: ['name', 'level'] },
  })
  const user = as(app, (await addUser(app, 'bob', 'user')).tokens.access_token)
  const csv = (text: string, prefer = 'return=representation') =>
    user('POST', '/student', text, { ...CSV, prefer })
  t.match((await csv('name,level\nA,a')).json(), [{ name: 'A', age: null, level: 'a' }])
  t.match(await csv('name,age\nA,1'), { statusCode: 400, body: /\/age is not yours to write/ })
  const unknown = await csv('name,note\nA,1')
  t.match(unknown, { statusCode: 400, body: /\/note is not a field of student; fields: name, age, level/ })
  t.match(await csv('name,level\nA,a\nB,b'), { statusCode: 403, body: /"row":3/ })
  const partial = await csv('name,level\nC,a\nD,b\nE,a', 'bulk=partial')
  t.same(
    partial.json().map(({ status }: { status: number }) => status),
    [201, 403, 201],
  )
  t.equal(await count(), 3)
})
