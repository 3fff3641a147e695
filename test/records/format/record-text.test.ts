// Writing many records does not hold up others, and stripped records lose nothing but nulls.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { recordText, renderRecords, stripNulls } from '../../../lib/records/format/record-text.ts'

const RECORD = JSON.stringify(
  Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`f${at}`, at % 3 ? at : null])),
)

/** The turns that others have while the records are written. */
async function turnsDuring(work: string | Promise<string>): Promise<number> {
  let turns = 0
  let isDone = false
  const count = () => {
    turns += 1
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  await work
  isDone = true
  return turns
}

t.test('others have their turns while many records are converted', async (t) => {
  const records = Array(20_000).fill(RECORD)
  for (const text of [recordText('csv', []), recordText('list', [], true), recordText('ndjson', [], true)])
    t.ok((await turnsDuring(renderRecords(text, records))) > 3)
})

t.test('what is not converted is written at once', async (t) => {
  t.equal(renderRecords(recordText('list', []), ['{}', '{}']), '[{},{}]')
  t.equal(renderRecords(recordText('ndjson', []), ['{}', '{}']), '{}\n{}\n')
})

t.test('nulls are left out at any depth of objects, and nothing else', async () => {
  const without = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(without)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).filter(([, member]) => member !== null)
    return Object.fromEntries(members.map(([name, member]) => [name, without(member)]))
  }
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: fc.constantFrom('a', '"', '\\', '{', 'null', ':', ',', '😀') }),
      (value) => {
        const record = { value, gone: null }
        assert.deepEqual(
          JSON.parse(stripNulls(JSON.stringify(record))),
          without(JSON.parse(JSON.stringify(record))),
        )
      },
    ),
    { numRuns: 500 },
  )
})
