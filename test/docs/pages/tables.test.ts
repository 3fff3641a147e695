// Tables of docs/ are those of the code: the generated ones as `npm run docs` writes them, the others in what can be compared.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { settingNames } from '../../../lib/config.ts'
import { errors } from '../../../lib/errors.ts'
import { startWithAdmin } from '../../support/app.ts'
import { tablesIn, withTables } from '../../support/docs/generated.ts'
import { pages, readPage, rowsOf, sectionOf } from '../../support/docs/markdown.ts'
import { makeTables } from '../../support/docs/tables.ts'

const code = (text: string) => `\`${text}\``

/** The texts of all TypeScript files below the folders. */
function sources(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  )
}

t.test('generated tables are as the code has them', async (t) => {
  const { app } = await startWithAdmin(t)
  const tables = makeTables((await app.inject('/docs/json')).json())
  for (const page of pages)
    t.equal(readPage(page), withTables(readPage(page), tables), `${page}: npm run docs writes it`)
  t.strictSame(
    pages.flatMap((page) => tablesIn(readPage(page))).sort(),
    [...tables.keys()].sort(),
    'all are shown',
  )
})

t.test('every error code has its place, and one alone', async (t) => {
  const codes = Object.values(errors).map(({ kind }) => kind.code)
  t.equal(new Set(codes).size, codes.length)
  const shown = rowsOf(readPage('docs/errors.md')).flatMap(([status = '', name = '']) =>
    /^\d+$/.test(status) ? [name] : [],
  )
  t.strictSame(shown.sort(), codes.map(code).sort())
})

t.test('every setting is listed, with the default of .env.example', async (t) => {
  const settings = rowsOf(sectionOf(readPage('docs/operating.md'), '## Settings'))
  t.strictSame(settings.map(([name]) => name).sort(), settingNames.map(code).sort())
  const lines = readFileSync('.env.example', 'utf8').matchAll(/^#([A-Z0-9_]+)=(.*)$/gm)
  const example = new Map([...lines].map(([, name, value]) => [name, value]))
  for (const [name = '', value = ''] of settings)
    if (value !== '') t.equal(value, example.get(name.slice(1, -1)), name)
})

t.test('every action of the audit log is listed', async (t) => {
  const listed = rowsOf(sectionOf(readPage('docs/api.md'), '## Audit log')).flatMap(([actions = '']) =>
    actions.split(', '),
  )
  const written = sources('lib', 'routes', 'plugins').flatMap((text) =>
    [...text.matchAll(/action: '(\w+\.\w+)'/g)].map(([, action = '']) => code(action)),
  )
  // Functions of the database write two.
  const migrations = readdirSync('lib/migrations').map((name) =>
    readFileSync(join('lib/migrations', name), 'utf8'),
  )
  const inSql = migrations.flatMap((text) =>
    [...text.matchAll(/'(sign_in\.\w+)'/g)].map(([, action = '']) => code(action)),
  )
  t.ok(written.length > 20)
  t.strictSame(listed.sort(), [...new Set([...written, ...inSql])].sort())
})

t.test('every variable of the benchmarks is described', async (t) => {
  const page = readPage('bench/README.md')
  const names = sources('bench').flatMap((text) =>
    [...text.matchAll(/\benv\.((?:BENCH|LISTS|SCALE|FAULT|WORKERS|TRIP)_\w+)/g)].map(([, name = '']) => name),
  )
  t.ok(names.length > 10)
  for (const name of names) t.ok(page.includes(`\`${name}`), name)
})
