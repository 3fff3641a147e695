// (to be described)

import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { findEmbedded } from '../../lib/postgres/embedded/embedded.ts'
import { signIn, startServer } from '../support/server-process.ts'
import { createEmptyDatabase } from '../support/test-database.ts'

const password = 'correct-horse'

const SECRET_KEY = 'a secret for tests only, 32 bytes and more'

/** A sign-in whose body is not complete until `finish` is called. */
function slowSignIn(url: string) {
  const body = `username=admin&password=${password}`
  const request = httpRequest(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
  })
  const answer = new Promise<IncomingMessage>((resolve, reject) =>
    request.on('response', resolve).on('error', reject),
  )
  answer.catch(() => {})
  request.write(body.slice(0, 5))
  return { answer, finish: () => request.end(body.slice(5)) }
}

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
  const server = startServer(t, { cwd: t.testdir({}), env: { ADMIN_PASSWORD: password } })
  const url = await server.listening
  const { answer, finish } = slowSignIn(url)
  await sleep(200)
  server.child.kill('SIGTERM')
  await sleep(300)
  await t.rejects(signIn(url, password), 'new connections are refused')
  finish()
  t.equal((await answer).statusCode, 200)
  t.equal(await server.ended, 0)
})

t.test('a request that never ends does not keep the server from ending within ten seconds', async (t) => {
  const server = startServer(t, { cwd: t.testdir({}), env: { ADMIN_PASSWORD: password } })
  slowSignIn(await server.listening)
  await sleep(200)
  const since = Date.now()
  server.child.kill('SIGTERM')
  t.equal(await server.ended, 0)
  t.ok(Date.now() - since < 10_000, `${Date.now() - since} ms`)
})

t.test('one Ctrl-C may arrive twice, a real second one ends at once', async (t) => {
  const server = startServer(t, { cwd: t.testdir({}), env: { ADMIN_PASSWORD: password } })
  slowSignIn(await server.listening)
  await sleep(200)
  server.child.kill('SIGINT')
  server.child.kill('SIGINT')
  await sleep(700)
  t.equal(server.child.exitCode, null, 'it waits for the request')
  const since = Date.now()
  server.child.kill('SIGINT')
  t.equal(await server.ended, 1)
  t.ok(Date.now() - since < 1000)
})

t.test('a signal during the start ends it in order', async (t) => {
  const cwd = t.testdir({})
  const server = startServer(t, { cwd })
  while (!server.output().includes('Creating the database')) await sleep(20)
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
  while (!/not reachable/.test(server.output())) await sleep(50)
  t.equal(await server.stop(), 0)
  t.notMatch(server.output(), /secret-word/)
})
