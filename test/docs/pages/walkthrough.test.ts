// docs/api.md: its shell examples work when they are pasted, in their order, into one shell.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { startWithAdmin } from '../../support/app.ts'
import { blocksOf, readPage } from '../../support/docs/markdown.ts'

/** A refusal ends the script, as any other command that fails. */
const CURL = 'curl() { command curl -sS --fail-with-body "$@"; }'

t.test('the shell examples of docs/api.md work', async (t) => {
  const { app } = await startWithAdmin(t)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const blocks = blocksOf(readPage('docs/api.md')).filter(({ language }) => language === 'sh')
  t.ok(blocks.length > 10)
  const script = [CURL, ...blocks.map(({ text }) => text)].join('\n')
  const command = script.replaceAll('localhost:8000', address.replace('http://', ''))
  const { stdout } = await promisify(execFile)('bash', ['-euxo', 'pipefail', '-c', command], {
    cwd: t.testdir({}),
  })
  for (const shown of [
    '"username":"alice"',
    '"key":"uvk_',
    '"name":"acme"',
    '"name":"Alice","created_at"',
    '%PDF',
    '"user.create"',
    '"name":"Dora","age":30',
  ])
    t.ok(stdout.includes(shown), shown)
})
