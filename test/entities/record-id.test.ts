// Ids of records: which of those that clients made can be one.
import t from 'tap'
import { firstIdAt, isPlausibleId, newRecordId } from '../../lib/entities/record-id.ts'

const soon = firstIdAt(Date.now() + 30_000).replace('-0000-0000-', '-7000-8000-')

const late = firstIdAt(Date.now() + 600_000).replace('-0000-0000-', '-7000-8000-')

const cases: [promise: string, id: string, isPlausible: boolean][] = [
  ['one of our own', newRecordId(), true],
  ['within the skew of clocks', soon, true],
  ['of the future', late, false],
  ['version 4', '0190e1f2-7c3a-4d4e-8f5a-6b7c8d9e0f1a', false],
  ['another variant', '0190e1f2-7c3a-7d4e-7f5a-6b7c8d9e0f1a', false],
  ['no UUID', 'x190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a', false],
  ['too long', `${newRecordId()}0`, false],
]

t.test('ids ascend, however many are made in a millisecond', async (t) => {
  const ids = Array.from({ length: 20_000 }, newRecordId)
  t.strictSame(ids, [...new Set(ids)].sort())
  t.ok(ids.every((id) => isPlausibleId(id)))
})

for (const [promise, id, isPlausible] of cases)
  t.test(`an id that is ${promise}`, async (t) => {
    t.equal(isPlausibleId(id), isPlausible)
  })
