// What reading CSV costs.
import t from 'tap'
import { CsvReader } from '../../lib/csv/csv-reader.ts'

t.test('a long cell in many pieces takes time in proportion', async (t) => {
  const piece = 'x'.repeat(1000)
  const read = (pieces: number) => {
    const reader = new CsvReader({ delimiter: ',', longest: 1e9 })
    reader.read('a\n"')
    const began = performance.now()
    for (let n = 0; n < pieces; n++) reader.read(piece)
    t.same(reader.read('"\nb\n').length + reader.end().length, 2)
    return performance.now() - began
  }
  read(1000)
  const [short, long] = [read(4000), read(32_000)]
  t.ok(long < short * 40 + 200, `${short} ms, and ${long} ms for eight times as much`)
})
