// What refusing JSON costs: no more than parsing it.
import t from 'tap'
import { parseJsonBody } from '../../lib/http/json-body.ts'
import { hostileMegabytes } from '../support/http/hostile-json.ts'

t.test('a hostile megabyte is handled in the time of a few parses', async (t) => {
  for (const text of hostileMegabytes()) {
    const start = performance.now()
    try {
      parseJsonBody(text)
    } catch {}
    const took = performance.now() - start
    t.ok(took < 1000, `${text.slice(0, 30)} took ${took.toFixed(0)} ms`)
  }
})
