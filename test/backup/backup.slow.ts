// The commands beside a running server and without one, and killed while they run.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { client } from '../support/server/client.ts'
import { signIn, startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const password = 'correct-horse'

t.test('a backup is made, killed and made again, and restored over a restore that was killed', async (t) => {
  const cwd = t.testdir({})
  const start = (args: string[], env: Record<string, string> = {}) =>
    startServer(t, { cwd, env, program: 'admin', args })
  const server = startServer(t, { cwd, env: { ADMIN_PASSWORD: password } })
  const url = await server.listening
  const send = await client(url)
  await send('POST', '/schemas/', { entity_name: 'note', fields: [] })
  const { body } = await send('POST', '/note/', {})
  await uploadMany(url, 40)

  const killed = start(['backup', 'copy'])
  await until(() => existsSync(join(cwd, 'copy.part')))
  killed.child.kill('SIGKILL')
  await killed.ended
  const again = start(['backup', 'copy'])
  t.equal(await again.ended, 0, again.output())
  t.match(again.output(), /Backed up the database and 40 files/)
  t.notOk(existsSync(join(cwd, 'copy.part')))
  mkdirSync(join(cwd, 'early.part'))
  t.equal(await start(['backup', 'early']).ended, 0, 'also of one that was killed before it began')

  const DATA_DIR = './restored'
  const broken = start(['restore', 'copy'], { DATA_DIR })
  await until(() => existsSync(join(cwd, DATA_DIR, 'files', '.pending')))
  broken.child.kill('SIGKILL')
  await broken.ended
  const restored = start(['restore', 'copy'], { DATA_DIR })
  t.equal(await restored.ended, 0, restored.output())
  const second = startServer(t, { cwd, env: { DATA_DIR } })
  const base = await second.listening
  const there = await client(base)
  t.equal((await there('GET', `/note/${body.id}`)).status, 200)
  const headers = await authorization(base)
  const files = (await (await fetch(`${base}/files?limit=100`, { headers })).json()) as { url: string }[]
  t.equal(files.length, 40)
  t.equal((await fetch(base + files[0]?.url, { headers })).status, 200)
  t.strictSame(readdirSync(join(cwd, DATA_DIR, 'files', '.pending')), [], 'no note is left')
})

async function authorization(url: string) {
  const { access_token } = await signIn(url, password)
  return { authorization: `Bearer ${access_token}` }
}

async function uploadMany(url: string, count: number): Promise<void> {
  const headers = await authorization(url)
  for (let n = 0; n < count; n++) {
    const body = new FormData()
    body.append('file', new Blob([`file ${n}`.repeat(10_000)]), `${n}.txt`)
    const answer = await fetch(`${url}/files/upload`, { method: 'POST', headers, body })
    if (answer.status !== 201) throw new Error(await answer.text())
  }
}
