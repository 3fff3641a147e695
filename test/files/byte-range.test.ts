// Range headers, against the examples and rules of RFC 9110, 14.1.2.

import fc from 'fast-check'
import t from 'tap'
import { parseByteRange } from '../../lib/files/byte-range.ts'

const scenarios: { header: string | undefined; size: number; range: unknown }[] = [
  { header: 'bytes=0-4', size: 10, range: { start: 0, end: 4 } },
  { header: 'bytes=9-9', size: 10, range: { start: 9, end: 9 } },
  { header: 'bytes=5-', size: 10, range: { start: 5, end: 9 } },
  { header: 'bytes=-3', size: 10, range: { start: 7, end: 9 } },
  { header: 'bytes=-30', size: 10, range: { start: 0, end: 9 } },
  { header: 'bytes=3-400', size: 10, range: { start: 3, end: 9 } },
  { header: 'bytes=3-99999999999999999999999', size: 10, range: { start: 3, end: 9 } },
  { header: 'Bytes= 0-1 ', size: 10, range: { start: 0, end: 1 } },
  { header: 'bytes=10-', size: 10, range: null },
  { header: 'bytes=10-12', size: 10, range: null },
  { header: 'bytes=-0', size: 10, range: null },
  { header: 'bytes=0-', size: 0, range: null },
  { header: 'bytes=-5', size: 0, range: null },
  { header: undefined, size: 10, range: undefined },
  { header: '', size: 10, range: undefined },
  { header: 'bytes=', size: 10, range: undefined },
  { header: 'bytes=-', size: 10, range: undefined },
  { header: 'bytes=4-2', size: 10, range: undefined },
  { header: 'bytes=0-1,4-5', size: 10, range: undefined },
  { header: 'bytes=a-b', size: 10, range: undefined },
  { header: 'bytes=0x1-2', size: 10, range: undefined },
  { header: 'bytes=--3', size: 10, range: undefined },
  { header: 'items=0-1', size: 10, range: undefined },
]

for (const { header, size, range } of scenarios) {
  t.test(`Range ${header} of ${size} bytes`, async (t) => {
    t.same(parseByteRange(header, size), range)
  })
}

t.test('whatever the header, a range lies inside the file', async (t) => {
  const header = fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,20}-\d{0,20}$/))
  fc.assert(
    fc.property(header, fc.nat(1000), (text, size) => {
      const range = parseByteRange(text, size)
      if (range) t.ok(range.start >= 0 && range.start <= range.end && range.end < size)
    }),
  )
})
