// A server from its start to its end: what it makes, what it waits for, how signals end it, what it refuses to start with.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { findEmbedded } from '../../lib/postgres/embedded/embedded.ts'
import { PASSWORD, startWithSlowSignIn } from '../support/server/slow-sign-in.ts'
import { signIn, startServer } from '../support/server-process.ts'
import { createEmptyDatabase } from '../support/test-database.ts'
import { until } from '../support/until.ts'

const SECRET_KEY = 'a secret for tests only, 32 bytes and more'

t.test('a first start makes everything it needs, a second one finds it, whatever the path', async (t) => {
  const cwd = t.testdir({ 'a path': { "with 'spaces'": {} } })
  const env = { DATA_DIR: join(cwd, 'a path', "with 'spaces'", 'data') }
  const first = startServer(t, { cwd, env })
  const generated = await first.listening.then(() => /shown this once: (\S+)/.exec(first.output())?.[1] ?? '')
  t.equal((await signIn(await first.listening, generated)).status, 200)
  t.equal(await first.stop(), 0)
  const second = startServer(t, { cwd, env })
  t.equal((await signIn(await second.listening, generated)).status, 200)
  t.notMatch(second.output(), /first admin/)
  t.equal(await second.stop(), 0)
})

t.test('SIGTERM lets a request finish that runs, takes no new ones, and ends with 0', async (t) => {
  const { server, url, answer, finish } = await startWithSlowSignIn(t)
  server.child.kill('SIGTERM')
  const isRefused = () =>
    signIn(url, PASSWORD).then(
      () => false,
      () => true,
    )
  t.ok(await until(isRefused), 'new connections are refused')
  finish()
  t.equal((await answer).statusCode, 200)
  t.equal(await server.ended, 0)
})

t.test('a request that never ends does not keep the server from ending in order', async (t) => {
  const { server } = await startWithSlowSignIn(t)
  server.child.kill('SIGTERM')
  t.equal(await server.ended, 0)
})

t.test('one Ctrl-C may arrive twice, a real second one ends at once', async (t) => {
  const { server } = await startWithSlowSignIn(t)
  server.child.kill('SIGINT')
  server.child.kill('SIGINT')
  await until(() => server.output().includes('"Closing"'))
  // The server takes what comes within half a second for the same one.
  await sleep(700)
  t.equal(server.child.exitCode, null, 'it waits for the request')
  server.child.kill('SIGINT')
  t.equal(await server.ended, 1)
})

t.test('a signal during the start ends it in order', async (t) => {
  const cwd = t.testdir({})
  const server = startServer(t, { cwd })
  await until(() => server.output().includes('Creating the database'))
  t.equal(await server.stop(), 0)
  t.notMatch(server.output(), /listens on/)
  t.equal(await findEmbedded(join(cwd, 'data')), undefined, 'PostgreSQL is not left running')
})

t.test('a port in use and a bad setting are told in a line, with exit code 1', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  t.teardown(() => blocker.close())
  const PORT = String((blocker.address() as AddressInfo).port)
  const cwd = t.testdir({})
  const blocked = startServer(t, { cwd, env: { PORT } })
  t.equal(await blocked.ended, 1)
  t.match(blocked.output(), new RegExp(`cannot listen on 127.0.0.1:${PORT}: something else listens there`))
  const refused = startServer(t, { cwd, env: { PORT: 'http' } })
  t.equal(await refused.ended, 1)
  t.match(refused.output(), /^PORT must be a whole number.*\n$/)
})

t.test(
  'the first admin is not made when the port is taken, and an unused ADMIN_PASSWORD is named',
  async (t) => {
    const other = createServer().listen(0, '127.0.0.1')
    t.teardown(() => other.close())
    await once(other, 'listening')
    const PORT = String((other.address() as AddressInfo).port)
    const cwd = t.testdir({})
    const blocked = startServer(t, { cwd, env: { PORT, ADMIN_PASSWORD: 'a first password' } })
    t.equal(await blocked.ended, 1)
    t.notMatch(blocked.output(), /first admin/)
    const first = startServer(t, { cwd, env: { ADMIN_PASSWORD: 'another password' } })
    t.equal((await signIn(await first.listening, 'another password')).status, 200)
    t.match(first.output(), /The first admin is admin, with ADMIN_PASSWORD/)
    t.notMatch(first.output(), /not used/)
    await first.stop()
    const second = startServer(t, { cwd, env: { ADMIN_PASSWORD: 'a third password' } })
    t.equal((await signIn(await second.listening, 'a third password')).status, 401)
    t.match(second.output(), /ADMIN_PASSWORD is not used/)
  },
)

t.test('settings come from .env, and the environment wins', async (t) => {
  const cwd = t.testdir({
    '.env': 'ADMIN_USERNAME=from-file\nADMIN_PASSWORD=from-file\nDATA_DIR=here\nLOG_LEVEL=\n',
  })
  const server = startServer(t, { cwd, env: { ADMIN_USERNAME: 'admin', ADMIN_PASSWORD: '' } })
  t.equal((await signIn(await server.listening, 'from-file')).status, 200)
})

t.test('five servers that start at once on an empty database all come up', async (t) => {
  const DATABASE_URL = await createEmptyDatabase(t)
  const options = { cwd: t.testdir({}), env: { DATABASE_URL, SECRET_KEY } }
  const servers = Array.from({ length: 5 }, () => startServer(t, options))
  const urls = await Promise.all(servers.map((server) => server.listening))
  const passwords = servers.flatMap((server) => /shown this once: (\S+)/.exec(server.output())?.[1] ?? [])
  t.equal(passwords.length, 1)
  for (const url of urls) t.equal((await signIn(url, passwords[0] ?? '')).status, 200)
  t.same(await Promise.all(servers.map((server) => server.stop())), [0, 0, 0, 0, 0])
})

t.test('a server that waits for its database says so and can be stopped', async (t) => {
  const DATABASE_URL = 'postgresql://me:secret-word@127.0.0.1:1/records'
  const server = startServer(t, { cwd: t.testdir({}), env: { DATABASE_URL, SECRET_KEY } })
  await until(() => /not reachable/.test(server.output()))
  t.equal(await server.stop(), 0)
  t.notMatch(server.output(), /secret-word/)
})
