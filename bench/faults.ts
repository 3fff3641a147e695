// `npm run bench:faults`: a minute of mixed traffic while schemas change, workers are killed and PostgreSQL is killed and
// restarted. Fails when an acknowledged write is lost, a tenant sees another's record, a record is stored under a
// replaced schema, or a client meets anything but clean refusals during an outage. FAULT_* variables size it, and say
// whether the database is the server's own or an external one.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startExternal } from './faults/external.ts'
import { killPostgres, killWorker, restartPostgres, together } from './faults/processes.ts'
import { type Breakage, type FaultReport, runWithFaults } from './faults/run.ts'
import { untilReady } from './scale/server.ts'
import { SECRET_KEY } from './servers.ts'

const { env } = process

const SECONDS = Number(env.FAULT_SECONDS ?? 60)

const CONNECTIONS = Number(env.FAULT_CONNECTIONS ?? 256)

/** Milliseconds in which the server has to recover. */
const PATIENCE = Number(env.FAULT_PATIENCE ?? 10_000)

const PORT = Number(env.FAULT_PORT ?? 8331)

/** Whose PostgreSQL: `embedded`, started again by the server, or `external`, which only has a URL. */
const DATABASE = env.FAULT_DATABASE ?? 'embedded'

/** Milliseconds that an external one stays away. */
const AWAY = Number(env.FAULT_AWAY ?? 3000)

const PASSWORD = 'for the benchmark alone'

function print({ faults, complaints, statuses, records, schemaChanges }: FaultReport): void {
  console.log(`${records} records acknowledged, ${schemaChanges} changes of schemas`)
  console.log(`answers: ${JSON.stringify(statuses)}`)
  const seconds = (milliseconds: number) => `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`
  for (const { name, outage, away, refused, broken } of faults) {
    const back = away < AWAY ? '' : `, ${seconds(outage - away)} after it was back`
    console.log(
      `${name}: recovered in ${seconds(outage)}${back}, ${refused} refused, ${broken} connections broken`,
    )
  }
  for (const [text, times] of Object.entries(complaints)) console.log(`WRONG, ${times} times: ${text}`)
}

/** The database that the server is given, and what can be done to it. */
async function openDatabase(dataDir: string) {
  if (DATABASE === 'external') return startExternal(dataDir, AWAY)
  if (DATABASE !== 'embedded') throw new Error(`FAULT_DATABASE is embedded or external, not ${DATABASE}`)
  return { url: '', kill: killPostgres(dataDir), restart: restartPostgres(dataDir), stop: async () => {} }
}

/** What it has to say goes to bench-faults.log. */
function startServer(databaseUrl: string, dataDir: string) {
  const own = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    SECRET_KEY,
    WORKERS: '2',
    PORT: String(PORT),
    ADMIN_PASSWORD: PASSWORD,
  }
  const log = openSync('bench-faults.log', 'w')
  return fork(fileURLToPath(new URL('../server.js', import.meta.url)), {
    env: { ...env, ...own, LOG_LEVEL: 'warn' },
    stdio: ['ignore', log, log, 'ipc'],
  })
}

async function measure(child: ChildProcess, breakages: readonly Breakage[]): Promise<FaultReport> {
  const url = `http://127.0.0.1:${PORT}`
  await untilReady(child, url)
  const credentials = new URLSearchParams({ username: 'admin', password: PASSWORD })
  const answer = await fetch(`${url}/auth/token`, { method: 'POST', body: credentials })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const load = { seconds: SECONDS, connections: CONNECTIONS, tenants: 4, changeEvery: 500 }
  return runWithFaults({ url, token, ...load, breakages, patience: PATIENCE })
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-faults-'))
  const { url, kill, restart, stop } = await openDatabase(dataDir)
  const child = startServer(url, dataDir)
  const worker = killWorker(child.pid as number)
  try {
    const report = await measure(child, [worker, kill, restart, together(worker, kill)])
    print(report)
    if (Object.keys(report.complaints).length > 0) process.exitCode = 1
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    await stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
