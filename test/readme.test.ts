// The README is short and tells the truth: its commands exist, its walkthrough works when pasted. What it has in common
// with the pages of docs/ is tested in test/docs/pages.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { asAdmin, startWithAdmin } from './support/app.ts'
import { blocksOf, pages, readPage } from './support/docs/markdown.ts'

const readme = readPage('README.md')

const LONGEST = 8192

t.test('it has at most 8 KB', async (t) => {
  t.ok(Buffer.byteLength(readme) <= LONGEST, String(Buffer.byteLength(readme)))
})

t.test('the commands that it starts with exist', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.match(readme, /npm ci\n.*npm start/)
  t.match(readme, /npm ci && npm test/)
  t.match(scripts, { prepare: String, start: String, test: String })
})

t.test('it leads to every page of docs/', async (t) => {
  for (const page of pages.filter((path) => path.startsWith('docs'))) t.ok(readme.includes(`(${page})`), page)
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
  const refusal = blocksOf(readme).find(({ language }) => language === 'json')
  for (const { message } of JSON.parse(refusal?.text ?? '{}').errors)
    t.ok(stdout.includes(JSON.stringify(message)), message)
  const admin = await asAdmin(app)
  t.match((await admin('GET', '/student/')).json(), [{ name: 'Alice', age: 20 }])
})
