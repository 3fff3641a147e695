// The scale benchmark in small: it runs to its end, and what it seeds is, column by column, what the API writes.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import type { Report } from '../../bench/scale/report.ts'

t.test('it measures every size, on records as the server writes them', async (t) => {
  const output = join(t.testdir({}), 'result.json')
  const script = fileURLToPath(new URL('../../bench/scale.js', import.meta.url))
  const env = {
    ...{
      SCALE_SIZES: '1,12',
      SCALE_LARGE: '30',
      SCALE_ROUNDS: '1',
      SCALE_REQUESTS: '40',
      SCALE_CREATIONS: '2',
    },
    ...{
      SCALE_CONNECTIONS: '4',
      SCALE_PORT: String(20_000 + (process.pid % 20_000)),
      SCALE_OUTPUT: output,
      PATH: process.env.PATH ?? '',
    },
  }
  // It throws when a request is refused, or a seeded record is not as the API makes it.
  await promisify(execFile)(process.execPath, [script], { env })
  const { costs, sizes, large } = JSON.parse(await readFile(output, 'utf8')) as Report
  t.equal(costs.length, 12, 'three operations, on one entity and on all, at two sizes')
  t.match(
    sizes.map(({ entities }) => entities),
    [1, 12],
  )
  t.equal(large.costs.length, 4)
  for (const { memory } of sizes) t.ok(memory.touched > 20 && memory.peak >= memory.touched)
})
