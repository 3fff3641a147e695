// `npm run bench:faults`: a minute of mixed traffic while schemas change, workers are killed and PostgreSQL is killed and
// restarted. Fails when an acknowledged write is lost, a tenant sees another's record, a record is stored under a
// replaced schema, or a client meets anything but clean refusals during an outage. FAULT_* variables size it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killPostgres, killWorker, restartPostgres, together } from './faults/processes.ts'
import { type FaultReport, runWithFaults } from './faults/run.ts'
import { untilReady } from './scale/server.ts'

const { env } = process
const SECONDS = Number(env.FAULT_SECONDS ?? 60)
const CONNECTIONS = Number(env.FAULT_CONNECTIONS ?? 256)
/** Milliseconds in which the server has to recover. */
const PATIENCE = Number(env.FAULT_PATIENCE ?? 10_000)
const PORT = Number(env.FAULT_PORT ?? 8331)
const PASSWORD = 'for the benchmark alone'

function print({ faults, complaints, statuses, records, schemaChanges }: FaultReport): void {
  console.log(`${records} records acknowledged, ${schemaChanges} changes of schemas`)
  console.log(`answers: ${JSON.stringify(statuses)}`)
  for (const { name, outage, refused, broken } of faults)
    console.log(
      `${name}: recovered in ${(outage / 1000).toFixed(1)} s, ${refused} refused, ${broken} connections broken`,
    )
  for (const [text, times] of Object.entries(complaints)) console.log(`WRONG, ${times} times: ${text}`)
}

/** What it has to say goes to bench-faults.log. */
function startServer(dataDir: string) {
  const own = {
    DATABASE_URL: '',
    DATA_DIR: dataDir,
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

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-faults-'))
  const child = startServer(dataDir)
  const url = `http://127.0.0.1:${PORT}`
  try {
    await untilReady(child, url)
    const credentials = new URLSearchParams({ username: 'admin', password: PASSWORD })
    const answer = await fetch(`${url}/auth/token`, { method: 'POST', body: credentials })
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const worker = killWorker(child.pid as number)
    const postgres = killPostgres(dataDir)
    const breakages = [worker, postgres, restartPostgres(dataDir), together(worker, postgres)]
    const load = { seconds: SECONDS, connections: CONNECTIONS, tenants: 4, changeEvery: 500 }
    const report = await runWithFaults({ url, token, ...load, breakages, patience: PATIENCE })
    print(report)
    if (Object.keys(report.complaints).length > 0) process.exitCode = 1
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
