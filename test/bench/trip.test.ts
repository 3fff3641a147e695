// The trip benchmark: it runs to its end, and a warm request visits no more code than it may.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

/** The most files and functions that a request may visit, and a few more: timers of the server may run meanwhile. */
const MOST: Readonly<Record<string, [files: number, functions: number]>> = {
  'get by id': [46, 112],
  list: [50, 136],
  create: [87, 246],
  patch: [84, 236],
}

t.test('a warm request stays within its bounds', async (t) => {
  const script = fileURLToPath(new URL('../../bench/trip.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { PATH: process.env.PATH },
  })
  const rows = [...stdout.matchAll(/^(.+?) +(\d+) files +(\d+) functions$/gm)]
  t.strictSame(
    rows.map(([, name]) => name),
    Object.keys(MOST),
  )
  for (const [, name = '', files, functions] of rows) {
    const [mostFiles, mostFunctions] = MOST[name] ?? [0, 0]
    t.ok(Number(files) > 10 && Number(files) <= mostFiles, `${name}: ${files} files`)
    t.ok(Number(functions) > 30 && Number(functions) <= mostFunctions, `${name}: ${functions} functions`)
  }
})
