// The operations of the lists benchmark: as requests to either side, and as statements of the server written by hand.

import t from 'tap'
import { OPERATIONS } from '../../bench/lists/operations.ts'
import { Pool, SAMPLE } from '../../bench/lists/pool.ts'
import { question } from '../../bench/lists/questions.ts'
import { emailOf, students } from '../../bench/lists/records.ts'

t.test('the statement by hand takes the values that are drawn', async (t) => {
  for (const { name, draw, byHand } of OPERATIONS) {
    const drawn = Object.keys(draw(SAMPLE)).length
    for (const sql of [byHand.sql, byHand.count ?? byHand.sql]) {
      const taken = new Set(sql.match(/\$\d+/g) ?? [])
      t.equal(taken.size, drawn, name)
      t.equal(Math.max(0, ...[...taken].map((one) => Number(one.slice(1)))), drawn, name)
    }
  }
})

t.test('no two operations share a name or a route', async (t) => {
  const routes = OPERATIONS.map((operation) => question(operation, SAMPLE).byHand.path.split('?')[0])
  t.equal(new Set(routes).size, OPERATIONS.length)
})

t.test('each request has values of its own', async (t) => {
  const ids = Array.from({ length: 50 }, (_, at) => `id-${at}`)
  const positions = ids.map((id) => ({ id, name: id, cursor: id }))
  const pool = new Pool({ students: ids, comments: ids, schools: ids, positions })
  const constant = ['newest', 'to-one embed, newest', 'groups over all']
  for (const operation of OPERATIONS) {
    const asked = Array.from({ length: 100 }, () => JSON.stringify(question(operation, pool).univera))
    t.equal(new Set(asked).size === 1, constant.includes(operation.name), operation.name)
  }
})

t.test('the records are the same in every run, and their emails differ', async (t) => {
  const made = () => [...students(100, ['a', 'b'])]
  t.strictSame(made(), made())
  t.equal(new Set(Array.from({ length: 10_000 }, (_, at) => emailOf(at))).size, 10_000)
})
