// The lists benchmark in small: both sides answer every operation with the same records, and what is measured is written.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import type { Row } from '../../bench/lists/compare.ts'
import { OPERATIONS } from '../../bench/lists/operations.ts'

const PORT = String(20_000 + (process.pid % 20_000))

const script = fileURLToPath(new URL('../../bench/lists.js', import.meta.url))

/** It throws when a request is refused or the two answers differ. */
async function runLists(given: Record<string, string>): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', LISTS_PORT: PORT, LISTS_RECORDS: '2500', ...given }
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env })
  return stdout
}

t.test('both sides answer every operation with the same records', async (t) => {
  const reads = OPERATIONS.filter(({ method }) => method === undefined)
  t.match(await runLists({ LISTS_ROUNDS: '0' }), `${reads.length} operations`)
})

t.test('it writes what each operation costs, and what a record takes', async (t) => {
  const output = join(t.testdir({}), 'result.json')
  const size = { LISTS_ROUNDS: '1', LISTS_SECONDS: '0.3', LISTS_CONNECTIONS: '4' }
  await runLists({ ...size, LISTS_ONLY: 'get by,eq_sort (,patch', LISTS_OUTPUT: output })
  const { rows, bytes } = JSON.parse(await readFile(output, 'utf8')) as {
    rows: Row[]
    bytes: Record<string, number>
  }
  t.strictSame(
    rows.map(({ operation }) => operation),
    ['get by id', 'eq_sort (2 %)', 'patch'],
  )
  for (const { ratio, buffers, univera, by_hand } of rows) {
    t.ok(ratio > 0 && Number.isFinite(ratio))
    t.ok(buffers >= 1)
    for (const { p50, p99 } of [univera, by_hand]) t.ok(p50 > 0 && p50 <= p99)
  }
  for (const value of Object.values(bytes)) t.ok(value > 0)
})
