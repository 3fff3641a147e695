// The metrics of a real server: on a port of their own, and of several workers in one reading.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { samplesOf, total } from '../support/metrics/samples.ts'
import { startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const TOKEN = 'a-token-for-the-metrics'

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

const served = (text: string) => total(text, 'univera_http_request_seconds_count', { route: '/health/live' })

/** Requests on connections of their own, so that every worker gets some. */
async function ask(url: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await fetch(`${url}/health/live`, { headers: { connection: 'close' } })
}

async function startWorkers(t: Test, env: Record<string, string>) {
  const server = startServer(t, { cwd: t.testdir({}), env: { WORKERS: '2', ...env } })
  const url = await server.listening
  t.ok(await until(() => server.output().match(/listens on/g)?.length === 2))
  return { url, server }
}

t.test('one reading of the port has every worker', async (t) => {
  const port = await freePort()
  const { url, server } = await startWorkers(t, { METRICS_PORT: String(port) })
  await ask(url, 6)
  const metrics = `http://127.0.0.1:${port}/metrics`
  const answer = await fetch(metrics)
  t.equal(answer.status, 200)
  const text = await answer.text()
  t.equal(served(text), 6)
  const workers = new Set(samplesOf(text).map(({ labels }) => labels.worker))
  workers.delete(undefined as never)
  t.equal(workers.size, 2)
  t.equal(total(text, 'univera_workers_silent'), 0)
  t.equal(text.match(/^# TYPE univera_http_request_seconds /gm)?.length, 1)
  t.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 404)
  t.equal((await fetch(metrics, { method: 'POST' })).status, 405)
  t.equal((await fetch(`${url}/metrics`)).status, 404)
  t.equal(await server.stop(), 0)
})

t.test('a worker that is asked answers for all', async (t) => {
  const { url } = await startWorkers(t, { METRICS_TOKEN: TOKEN })
  await ask(url, 4)
  t.equal((await fetch(`${url}/metrics`)).status, 401)
  const text = await (await fetch(`${url}/metrics`, bearer(TOKEN))).text()
  t.equal(served(text), 4)
})

t.test('with a port and a token the port wants the token; of one process, too', async (t) => {
  const port = await freePort()
  const env = { METRICS_PORT: String(port), METRICS_TOKEN: TOKEN }
  const server = startServer(t, { cwd: t.testdir({}), env })
  const url = await server.listening
  const metrics = `http://127.0.0.1:${port}/metrics`
  t.ok(await until(async () => (await fetch(metrics).catch(() => null))?.status === 401))
  await ask(url, 3)
  t.equal(served(await (await fetch(metrics, bearer(TOKEN))).text()), 3)
  t.equal((await fetch(`${url}/metrics`, bearer(TOKEN))).status, 404)

  const second = startServer(t, { cwd: t.testdir({}), env: { METRICS_PORT: String(port) } })
  t.equal(await second.ended, 1)
  t.match(
    second.output(),
    /cannot listen on 127\.0\.0\.1:\d+: something else listens there; stop it or set METRICS_PORT\./,
  )
})
