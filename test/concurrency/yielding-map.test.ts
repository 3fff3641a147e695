// Long work over many items is done in slices: others have their turn after at most so many items.

import t from 'tap'
import { mapYielding, SLICE_ITEMS } from '../../lib/concurrency/yielding-map.ts'

/** Counts the items between two turns of the event loop; the most there were. */
async function longestSlice(items: number, convert: (item: number) => void): Promise<number> {
  let since = 0
  let longest = 0
  let done = false
  const turn = () => {
    since = 0
    if (!done) setImmediate(turn)
  }
  setImmediate(turn)
  await mapYielding([...Array(items).keys()], (item) => {
    since += 1
    longest = Math.max(longest, since)
    convert(item)
  })
  done = true
  return longest
}

t.test('it yields after so many items, however quick, and before, when they are slow', async (t) => {
  for (const items of [1, 255, 256, 257, 10_000])
    t.ok((await longestSlice(items, () => {})) <= SLICE_ITEMS, `${items} items`)
  const slow = () => {
    for (const end = performance.now() + 4; performance.now() < end; );
  }
  t.ok((await longestSlice(40, slow)) <= 5, 'slow items')
})

t.test('what comes after a yield may end it', async (t) => {
  let converted = 0
  const stop = () => {
    throw new Error('stopped')
  }
  await t.rejects(
    mapYielding(Array(5000).fill(0), () => (converted += 1), stop),
    { message: 'stopped' },
  )
  t.ok(converted <= SLICE_ITEMS, `${converted} items`)
})
