// The README tells the truth: its tables are those of the code, its map is the tree, its walkthrough works when pasted.

import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { settingNames } from '../lib/config.ts'
import { errors } from '../lib/errors.ts'
import { fieldTypes } from '../lib/fields/index.ts'
import { asAdmin, startWithAdmin } from './support/app.ts'

const readme = readFileSync('README.md', 'utf8')

function section(heading: string): string {
  const [, after = ''] = readme.split(`\n${heading}\n`)
  return after.split(/\n##+ /)[0] ?? ''
}

/** The cells of the tables in a section, without their headings. */
function rows(heading: string): string[][] {
  const lines = section(heading).split('\n')
  return lines
    .filter((line, at) => line.startsWith('|') && !/^\|-/.test(line) && !/^\|-/.test(lines[at + 1] ?? ''))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

const code = (text: string) => `\`${text}\``

t.test('it lists every error code, with status and title', async (t) => {
  const kinds = Object.values(errors).map(({ kind }) => [String(kind.status), code(kind.code), kind.title])
  t.strictSame(rows('### Error codes').sort(), kinds.sort())
})

t.test('no two errors have one code', async (t) => {
  const codes = Object.values(errors).map(({ kind }) => kind.code)
  t.equal(new Set(codes).size, codes.length)
})

t.test('it lists every field type with its options', async (t) => {
  const types = fieldTypes.map(({ name, aliases, summary, options }) => [
    [name, ...aliases].map(code).join(', '),
    summary,
    Object.keys(options).map(code).join(' '),
  ])
  t.strictSame(rows('### Field types'), types)
})

t.test('it lists every setting, with the default of .env.example', async (t) => {
  const settings = rows('## Settings')
  t.strictSame(settings.map(([name]) => name).sort(), settingNames.map(code).sort())
  const example = new Map(
    [...readFileSync('.env.example', 'utf8').matchAll(/^#([A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  )
  for (const [name = '', value = ''] of settings)
    if (value !== '') t.equal(value, example.get(name.slice(1, -1)), name)
})

t.test('its map is the tree', async (t) => {
  const [, map = ''] = section('## How it works').split('<!-- A test holds this map to the tree. -->\n```\n')
  const [body = ''] = map.split('```')
  const paths = body.split('\n').flatMap((line) => {
    const [, indent = '', path = ''] = /^( *)(\S+) {2,}/.exec(line) ?? []
    return path === '' ? [] : [indent === '' ? path : `lib/${path}`]
  })
  for (const path of paths) t.ok(existsSync(path), path)
  const folders = readdirSync('lib', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of folders) t.ok(paths.includes(`lib/${name}/`), `lib/${name} is on it`)
  for (const [, path = ''] of readme.matchAll(/`((?:lib|routes|plugins|test)\/[\w/-]+\.ts)`/g))
    t.ok(existsSync(path), path)
})

const walkthrough =
  /<!-- A test runs this block as it stands\. -->\n```sh\n([\s\S]+?)```/.exec(readme)?.[1] ?? ''

t.test('its walkthrough works when pasted', async (t) => {
  const { app } = await startWithAdmin(t)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const script = walkthrough.replaceAll('localhost:8000', address.replace('http://', ''))
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], { cwd: t.testdir({}) })
  for (const shown of [
    '"entity_name":"student"',
    '"name":"Alice"',
    '[{"name":"Alice"}]',
    '"invalid_body"',
    '"report.pdf"',
  ])
    t.ok(stdout.includes(shown), shown)
  const admin = await asAdmin(app)
  t.match((await admin('GET', '/student/')).json(), [{ name: 'Alice', age: 20 }])
})
