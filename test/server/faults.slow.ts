// The server under traffic while parts of it are killed, for a few seconds; `npm run bench:faults` does it for a minute.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startExternal } from '../../bench/faults/external.ts'
import { killPostgres, killWorker, restartPostgres, together } from '../../bench/faults/processes.ts'
import { type Breakage, runWithFaults } from '../../bench/faults/run.ts'
import { type ServerProcess, signIn, startServer } from '../support/server-process.ts'

const password = 'correct-horse'

/** With PORT=0 there would be another port when the last worker is replaced. */
async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

/** Traffic for so many seconds while things break, and what is expected of it. */
async function survive(t: Test, server: ServerProcess, seconds: number, breakages: Breakage[]) {
  const url = await server.listening
  const { access_token: token = '' } = await signIn(url, password)
  const load = { seconds, connections: 16, tenants: 2, changeEvery: 300, breakages }
  // A machine that runs other tests as well may take long to start a database.
  const report = await runWithFaults({ url, token, ...load, patience: 30_000 }).catch((error) => {
    t.comment(server.output())
    throw error
  })
  if (!t.strictSame(report.complaints, {}, JSON.stringify(report))) t.comment(server.output())
  t.ok(report.records > 50, 'records were stored')
  t.ok(report.schemaChanges > 2, 'under several schemas')
  t.ok(
    report.faults.slice(1).every(({ refused, broken }) => refused + broken > 0),
    'the faults were felt',
  )
  t.equal(await server.stop(), 0)
}

t.test('killed workers and databases lose no acknowledged write and bring clean refusals only', async (t) => {
  const cwd = t.testdir({})
  const env = { WORKERS: '2', PORT: await freePort(), ADMIN_PASSWORD: password }
  const server = startServer(t, { cwd, env })
  const data = join(cwd, 'data')
  const worker = killWorker(server.child.pid as number)
  // A worker that starts while there is no database must not end the server.
  await survive(t, server, 10, [worker, together(worker, killPostgres(data)), restartPostgres(data)])
})

t.test('nor does a database of somebody else that goes away and comes back', async (t) => {
  // tap removes a directory of its own before the teardowns, while PostgreSQL still runs in it.
  const cwd = await mkdtemp(join(tmpdir(), 'univera-faults-'))
  t.teardown(() => rm(cwd, { recursive: true, force: true }))
  const { url: DATABASE_URL, kill, restart, stop } = await startExternal(join(cwd, 'data'), 1000)
  t.teardown(stop)
  const SECRET_KEY = 'a secret for tests only, 32 bytes and more'
  const env = { DATABASE_URL, SECRET_KEY, WORKERS: '2', PORT: await freePort(), ADMIN_PASSWORD: password }
  await survive(t, startServer(t, { cwd, env }), 3, [restart, kill])
})
