// Servers and their embedded database after kill -9 of either, or both, and the accounts that they may run as.

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { signIn, startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const password = 'correct-horse'

const env = { ADMIN_PASSWORD: password }

function postmasterPid(cwd: string): number {
  return Number.parseInt(readFileSync(join(cwd, 'data', 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10)
}

async function addUser(url: string, username: string): Promise<number> {
  const { access_token } = await signIn(url, password)
  const response = await fetch(`${url}/auth/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ username, password, role: 'user' }),
  })
  return response.status
}

async function userNames(url: string): Promise<string[]> {
  const { access_token } = await signIn(url, password)
  const headers = { authorization: `Bearer ${access_token}` }
  const users = (await (await fetch(`${url}/auth/users`, { headers })).json()) as { username: string }[]
  return users.map(({ username }) => username)
}

t.test(
  'after kill -9 of the server, the next one takes its database over with all it acknowledged',
  async (t) => {
    const cwd = t.testdir({})
    const first = startServer(t, { cwd, env })
    t.equal(await addUser(await first.listening, 'before'), 201)
    first.child.kill('SIGKILL')
    await first.ended
    const orphan = postmasterPid(cwd)
    const second = startServer(t, { cwd, env })
    t.match(await userNames(await second.listening), ['admin', 'before'])
    t.equal(postmasterPid(cwd), orphan, 'PostgreSQL was still running')
    t.equal(await second.stop(), 0)
    t.throws(() => postmasterPid(cwd), { code: 'ENOENT' }, 'and is stopped with the one that took it over')
  },
)

t.test('after kill -9 of server and PostgreSQL the next start recovers', async (t) => {
  const cwd = t.testdir({})
  const first = startServer(t, { cwd, env })
  t.equal(await addUser(await first.listening, 'before'), 201)
  process.kill(postmasterPid(cwd), 'SIGKILL')
  first.child.kill('SIGKILL')
  await first.ended
  const second = startServer(t, { cwd, env })
  t.match(await userNames(await second.listening), ['admin', 'before'])
})

t.test('a server whose PostgreSQL is killed starts it again', async (t) => {
  const cwd = t.testdir({})
  const server = startServer(t, { cwd, env })
  const url = await server.listening
  const killed = postmasterPid(cwd)
  process.kill(killed, 'SIGKILL')
  t.ok(await until(async () => (await signIn(url, password)).status === 200))
  t.not(postmasterPid(cwd), killed)
  t.equal(await server.stop(), 0)
})

t.test('a second server on the same data directory is refused, the first one works on', async (t) => {
  const cwd = t.testdir({})
  const first = startServer(t, { cwd, env })
  const url = await first.listening
  const second = startServer(t, { cwd, env })
  t.equal(await second.ended, 1)
  t.match(second.output(), new RegExp(`Another Univera \\(pid ${first.child.pid}\\) uses the database in`))
  t.equal((await signIn(url, password)).status, 200)
})

t.test('without root the same things work', { skip: whyNotAsNobody() }, async (t) => {
  const cwd = await openDirectory(t)
  const first = startServer(t, { cwd, env, uid: 65_534 })
  t.equal((await signIn(await first.listening, password)).status, 200)
  first.child.kill('SIGKILL')
  await first.ended
  const second = startServer(t, { cwd, env, uid: 65_534 })
  t.equal((await signIn(await second.listening, password)).status, 200)
  t.equal(await second.stop(), 0)
  const asRoot = startServer(t, { cwd, env })
  t.equal((await signIn(await asRoot.listening, password)).status, 200, 'and root may go on with it')
})

t.test(
  'as root, nothing on the way to the database needs to be open to others',
  { skip: !isRoot() },
  async (t) => {
    const cwd = await openDirectory(t)
    chmodSync(cwd, 0o700)
    const server = startServer(t, { cwd, env })
    t.equal((await signIn(await server.listening, password)).status, 200)
  },
)

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Another account than root can be tried only by root, and only where it may read the program. */
function whyNotAsNobody(): string | false {
  if (!isRoot()) return 'not root: the other tests have shown it'
  const look = spawnSync(process.execPath, ['--check', new URL(import.meta.url).pathname], {
    uid: 65_534,
    gid: 65_534,
  })
  return look.status === 0 ? false : 'this checkout is not readable for other accounts'
}

async function openDirectory(test: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'univera-'))
  chmodSync(directory, 0o777)
  test.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}
