// The cache outside the heap: what it gives back is what was put in last, or nothing.
import fc from 'fast-check'
import t from 'tap'
import { OffHeapTextCache } from '../../lib/cache/off-heap-cache.ts'

const entry = fc.tuple(
  fc.constantFrom('a', 'bb', 'ccc', 'ö', 'd', 'e'),
  fc.string({ maxLength: 40, unit: 'grapheme' }),
)

t.test('a text is the last that was put in, or is gone', async (t) => {
  const check = (size: number, entries: [string, string][]) => {
    const ring = new OffHeapTextCache(size)
    const last = new Map<string, string>()
    for (const [key, text] of entries) {
      ring.set(key, text)
      last.set(key, text)
      for (const [known, wanted] of last) {
        const got = ring.get(known)
        if (got !== undefined && got !== wanted) return false
      }
    }
    return true
  }
  fc.assert(fc.property(fc.integer({ min: 64, max: 400 }), fc.array(entry, { maxLength: 60 }), check), {
    numRuns: 1000,
  })
  t.pass()
})

t.test('the newest stay, as many as there is room for', async (t) => {
  const ring = new OffHeapTextCache(1000)
  for (let i = 0; i < 500; i++) ring.set(`k${i}`, `text ${i}`)
  const kept = Array.from({ length: 500 }, (_, i) => ring.get(`k${i}`))
  const first = kept.findIndex((text) => text !== undefined)
  t.ok(first > 400 && first < 470, `from ${first} on`)
  t.ok(kept.slice(first).every((text, at) => text === `text ${first + at}`))
})

t.test('what is too large is not kept, and takes its older text along', async (t) => {
  const ring = new OffHeapTextCache(400)
  ring.set('a', 'small')
  ring.set('b', 'small')
  ring.set('a', 'x'.repeat(200))
  t.equal(ring.get('a'), undefined)
  t.equal(ring.get('b'), 'small')
})
