// The layers of the house: which room may import which, and who speaks to the database.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { importCircles, importsOf, readImports, touchesDatabase, upwardImports } from './support/layers.ts'

/** From the bottom to the top; a room imports only from layers below its own. */
const LAYERS = [
  ['errors', 'cache'],
  ['concurrency', 'csv', 'fields', 'metrics', 'process', 'secrets'],
  ['db', 'entities', 'http', 'postgres', 'tracing'],
  ['query', 'quotas', 'validation'],
  ['access', 'audit'],
  ['schema'],
  ['auth', 'indexing', 'log', 'openapi'],
  ['config', 'files'],
  ['backup', 'records', 'tenants', 'transfer'],
  ['import', 'plugins'],
  ['routes', 'admin'],
  ['app'],
  ['server'],
]

/** Files beside the stores that send statements: they load into caches, or pass a transaction on. */
const LOADERS = [
  'lib/auth/admission.ts',
  'lib/records/write/transaction-stores.ts',
  'lib/schema/registry/registry.ts',
]

/** And the two rooms that are about the database. */
const SENDERS = [/-store\.ts$/, /^lib\/(db|postgres)\//, /^plugins\/db\.ts$/]

const maySend = (path: string) => LOADERS.includes(path) || SENDERS.some((pattern) => pattern.test(path))

const imports = readImports(['lib', 'plugins', 'routes'], ['admin.ts', 'app.ts', 'server.ts'])

t.test('no room imports from its own layer or one above', async (t) => {
  t.strictSame(upwardImports(imports, LAYERS), [])
})

t.test('no files import each other in a circle', async (t) => {
  t.strictSame(importCircles(imports), [])
})

t.test('only stores send statements to the database', async (t) => {
  const senders = [...imports.keys()].filter((path) => touchesDatabase(readFileSync(path, 'utf8')))
  t.ok(senders.length > 30, 'senders are found')
  t.strictSame(
    senders.filter((path) => !maySend(path)),
    [],
  )
})

t.test('a wrong import, a circle and a stray statement are found', async (t) => {
  const wrong = importsOf('lib/errors/a.ts', "import type { Entity } from '../entities/entity.ts'")
  t.strictSame(upwardImports(new Map([...imports, ['lib/errors/a.ts', wrong]]), LAYERS), [
    'lib/errors/a.ts imports lib/entities/entity.ts',
  ])
  const sideways = importsOf('lib/csv/a.ts', "export { x } from '../fields/field.ts'")
  t.strictSame(upwardImports(new Map([['lib/csv/a.ts', sideways]]), LAYERS), [
    'lib/csv/a.ts imports lib/fields/field.ts',
  ])
  t.strictSame(upwardImports(new Map([['lib/attic/a.ts', []]]), LAYERS), ['lib/attic/a.ts is in no layer'])
  const circle = new Map([
    ['lib/csv/a.ts', importsOf('lib/csv/a.ts', "const b = await import('./b.ts')")],
    ['lib/csv/b.ts', importsOf('lib/csv/b.ts', "import './a.ts'")],
  ])
  t.strictSame(importCircles(circle), ['lib/csv/a.ts -> lib/csv/b.ts -> lib/csv/a.ts'])
  t.ok(touchesDatabase('const [row] = await this.#db.read(tenant, statement)'))
  t.notOk(touchesDatabase('return { text, values }'))
})
