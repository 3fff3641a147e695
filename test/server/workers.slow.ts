// A server of several workers: one port, the first process and the others after the end of either.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { signIn, startServer } from '../support/server-process.ts'
import { until, untilSteady } from '../support/until.ts'

const password = 'correct-horse'

function childrenOf(pid: number | undefined): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/))
  return rows
    .filter(([, parent, ...args]) => Number(parent) === pid && args.join().includes('server.js'))
    .map(([pid]) => Number(pid))
}

t.test('several workers serve one port, a dead one is replaced, SIGTERM ends them all', async (t) => {
  const env = { WORKERS: '2', ADMIN_PASSWORD: password }
  const server = startServer(t, { cwd: t.testdir({}), env })
  const url = await server.listening
  t.equal((await signIn(url, password)).status, 200)
  t.equal(server.output().match(/first admin/g)?.length, 1)
  // Without another that listens the port is closed for as long as the dead one is missed.
  t.ok(await until(() => server.output().match(/listens on/g)?.length === 2))
  const workers = childrenOf(server.child.pid)
  t.equal(workers.length, 2)
  process.kill(workers[0] as number, 'SIGKILL')
  t.ok(await until(() => childrenOf(server.child.pid).filter((pid) => !workers.includes(pid)).length === 1))
  t.equal((await signIn(url, password)).status, 200)
  const last = childrenOf(server.child.pid)
  t.equal(await server.stop(), 0)
  for (const pid of last) t.throws(() => process.kill(pid, 0), 'no worker is left')
})

t.test('a connection that a worker was given and dies before it takes it is closed', async (t) => {
  const server = startServer(t, { cwd: t.testdir({}), env: { WORKERS: '2', ADMIN_PASSWORD: password } })
  const url = await server.listening
  t.ok(await until(() => server.output().match(/listens on/g)?.length === 2))
  const [victim = 0] = childrenOf(server.child.pid)
  process.kill(victim, 'SIGSTOP')
  const signal = AbortSignal.timeout(60_000)
  let answered = 0
  const asked = Array.from({ length: 8 }, () =>
    fetch(`${url}/health/live`, { signal })
      .then(
        ({ status }) => String(status),
        ({ name }) => name,
      )
      .finally(() => answered++),
  )
  await until(() => answered > 0)
  await untilSteady(() => answered)
  process.kill(victim, 'SIGKILL')
  const answers = await Promise.all(asked)
  t.notOk(answers.includes('TimeoutError'), answers.join())
  t.ok(answers.includes('200'), answers.join())
})

t.test('workers that cannot listen end the server with their reason', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  t.teardown(() => blocker.close())
  const PORT = String((blocker.address() as AddressInfo).port)
  const server = startServer(t, { cwd: t.testdir({}), env: { WORKERS: '2', PORT } })
  t.equal(await server.ended, 1)
  t.match(server.output(), /cannot listen on .*: something else listens there/)
})

t.test('workers end when the first process is killed', async (t) => {
  const env = { WORKERS: '2', ADMIN_PASSWORD: password }
  const cwd = t.testdir({})
  const server = startServer(t, { cwd, env })
  await server.listening
  const workers = childrenOf(server.child.pid)
  server.child.kill('SIGKILL')
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  t.ok(await until(() => !workers.some(isAlive)))
  const next = startServer(t, { cwd, env: { ADMIN_PASSWORD: password } })
  t.equal((await signIn(await next.listening, password)).status, 200)
})
