// The commands beside a running server, killed while they run, and between an embedded database and another.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { client } from '../support/server/client.ts'
import { signIn, startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const password = 'correct-horse'

t.test('a tenant moves by two commands, killed or not, while servers run', async (t) => {
  const cwd = t.testdir({})
  const start = (args: string[], env: Record<string, string> = {}) =>
    startServer(t, { cwd, env, program: 'admin', args: ['tenant', ...args] })
  const server = startServer(t, { cwd, env: { ADMIN_PASSWORD: password } })
  const url = await server.listening
  const send = await client(url)
  await send('POST', '/schemas/', { entity_name: 'note', fields: [{ name: 'text', type: 'text' }] })
  for (let n = 0; n < 20; n++)
    await send(
      'POST',
      '/note/',
      Array.from({ length: 1000 }, () => ({ text: `${n} ${'x'.repeat(200)}` })) as never,
    )
  await send('POST', '/tenants', { name: 'taken', admin: { username: 'ada', password: 'correct-horse-2' } })

  const killed = start(['export', 'default', 'all.tar'])
  await until(() => existsSync(join(cwd, 'all.tar.part')))
  killed.child.kill('SIGKILL')
  await killed.ended
  t.notOk(existsSync(join(cwd, 'all.tar')))
  const exported = start(['export', 'default', 'all.tar'])
  t.equal(await exported.ended, 0, exported.output())
  t.match(exported.output(), /Exported default with \d+ rows and 0 files/)
  t.match(exported.output(), /^Rows: /m, 'progress')

  const broken = start(['import', 'all.tar', '--as', 'copy'])
  await until(() => /Rows/.test(broken.output()))
  broken.child.kill('SIGKILL')
  await broken.ended
  const imported = start(['import', 'all.tar', '--as', 'copy'])
  t.equal(await imported.ended, 0, imported.output())
  const refused = start(['import', 'all.tar', '--as', 'taken'])
  t.equal(await refused.ended, 1)
  t.match(refused.output(), /^There is a tenant "taken" already.*\n$/)

  const form = new URLSearchParams({ username: 'copy/admin', password })
  const { access_token } = (await (
    await fetch(`${url}/auth/token`, { method: 'POST', body: form })
  ).json()) as {
    access_token: string
  }
  const headers = { authorization: `Bearer ${access_token}`, prefer: 'count=exact' }
  const list = await fetch(`${url}/note?limit=1`, { headers })
  t.equal(list.headers.get('content-range')?.split('/')[1], '20000')
  t.equal((await signIn(url, password)).status, 200)
  t.strictSame(
    readdirSync(cwd).filter((name) => name.startsWith('all')),
    ['all.tar'],
  )
})
