// docker-compose.yml passes on what .env may set, all of it.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseSettings, settingNames } from '../../lib/config.ts'
import { apiEnvironment, composed } from '../support/docker/compose.ts'

/** Decided by the container, whatever .env says. */
const FIXED = ['HOST', 'PORT', 'DATA_DIR', 'FILE_STORAGE_PATH', 'DATABASE_URL']

/** No settings of Univera's: read by PostgreSQL's clients. */
const OTHERS = ['PGPASSWORD']

t.test('every setting reaches the container, under its own name', async (t) => {
  const environment = apiEnvironment()
  t.same([...environment.keys()].sort(), [...settingNames, ...OTHERS].sort())
  const passed = settingNames.filter((name) => !FIXED.includes(name))
  for (const name of passed) t.equal(composed({ SECRET_KEY: 'x', [name]: 'given' })[name], 'given', name)
})

t.test('what .env leaves out has its default', async (t) => {
  const { SECRET_KEY, ...environment } = composed({ SECRET_KEY: 'x' })
  const { DATA_DIR, DATABASE_URL, HOST } = parseSettings(environment)
  const expected = { ...parseSettings({ DATA_DIR }), DATA_DIR, DATABASE_URL, HOST }
  t.same(parseSettings(environment), expected)
})

t.test('without a SECRET_KEY it does not start', async (t) => {
  t.throws(() => composed({}), { message: /^SECRET_KEY: set it/ })
})

t.test('each start builds the image from the sources', async (t) => {
  const text = readFileSync('docker-compose.yml', 'utf8')
  t.match(text, /build: \.\n {4}image: univera\n(?: {4}#.*\n)* {4}pull_policy: build\n/)
})
