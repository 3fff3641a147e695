// docs/limits.md states the limits that the code has.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { settingNames } from '../../../lib/config.ts'
import { readPage } from '../../support/docs/markdown.ts'

const page = readPage('docs/limits.md')

/** Settings that are no limits, although their names say so. */
const OTHERS = ['DEFAULT_LIMIT']

t.test('every setting that limits something is on the page', async (t) => {
  const limits = settingNames.filter(
    (name) => /LIMIT|^MAX_|^MIN_|_TIMEOUT$/.test(name) && !OTHERS.includes(name),
  )
  t.ok(limits.length > 5)
  for (const name of limits) t.ok(page.includes(`\`${name}\``), name)
})

/** Fixed limits where they are written, and how the page writes them. */
const FIXED = [
  { file: 'lib/errors/codes.ts', code: 'LARGEST_ANSWER = 32', text: '| 32 MiB |' },
  { file: 'lib/query/sql/size-guard.ts', code: 'ONE_LIST = 2 ** 25', text: '| 32 MiB, 64 MiB |' },
  { file: 'lib/query/sql/size-guard.ts', code: 'ALL_LISTS = 2 ** 26', text: '| 32 MiB, 64 MiB |' },
  {
    file: 'lib/db/connections/guarded-client.ts',
    code: 'LARGEST_MESSAGE = 80 * MEBIBYTE',
    text: '| 80 MiB |',
  },
  {
    file: 'plugins/slow-readers.ts',
    code: '{ all: 192 * MEBIBYTE, tenant: 96 * MEBIBYTE }',
    text: '| 96 MiB, 192 MiB |',
  },
  { file: 'plugins/slow-readers.ts', code: 'SENDING = { window: 30_000, least: 1 }', text: '| 30 s |' },
  { file: 'plugins/connections.ts', code: 'window: 30_000, least: 30 * 1024', text: '| 1 KiB a second |' },
  { file: 'lib/db/connections/prepared-statements.ts', code: 'LARGEST = 2 ** 19', text: '| 512 KiB |' },
  { file: 'lib/db/connections/connection-gate.ts', code: 'TENANT_SHARE = 0.6', text: '| 60 % |' },
  { file: 'lib/concurrency/yielding-map.ts', code: 'SLICE_MS = 15', text: '| 15 ms |' },
  { file: 'plugins/imports.ts', code: 'MOST_AT_ONCE = 3', text: '| 3, 2 |' },
  { file: 'plugins/imports.ts', code: 'OPEN_FILES = 500', text: '| 500 |' },
  { file: 'lib/auth/password.ts', code: 'MAX_WAITING = 300', text: '| 300 |' },
  { file: 'lib/schema/definition/read-field.ts', code: 'MAX_FIELDS = 500', text: '| 500, 12, 4 |' },
  { file: 'lib/schema/deletion/deletion-store.ts', code: 'MOST_KEPT = 100', text: '| 100 |' },
]

t.test('a fixed limit that changes is changed there, too', async (t) => {
  for (const { file, code, text } of FIXED) {
    t.ok(readFileSync(file, 'utf8').includes(code), `${file} has ${code}`)
    t.ok(page.includes(text), text)
  }
})
