// `npm run bench:import`: a CSV of 50,000 rows into an entity with one indexed and one unique field, in rounds. Prints the
// CPU microseconds a row, of the server and of PostgreSQL.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../lib/postgres/embedded/embedded.ts'
import { silentLog } from '../lib/process/log.ts'
import { cpuOf } from './cpu.ts'
import { type Contestant, launchUnivera } from './servers.ts'

const ROWS = Number(process.env.BENCH_ROWS ?? 50_000)

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 4)

const PORT = 9300

const FIELDS = [
  { name: 'name', type: 'string' },
  { name: 'age', type: 'integer', indexed: true },
  { name: 'email', type: 'email', unique: true },
  { name: 'active', type: 'boolean' },
  { name: 'born', type: 'date' },
  { name: 'note', type: 'text' },
]

function csvOf(round: number): string {
  const lines = Array.from({ length: ROWS }, (_, at) => {
    const day = String(1 + (at % 28)).padStart(2, '0')
    return `Person ${at},${at % 100},p${round}.${at}@example.com,${at % 2 ? 'true' : 'false'},1990-01-${day},a note on ${at}`
  })
  return `name,age,email,active,born,note\n${lines.join('\n')}\n`
}

async function send({ url, token }: Contestant, path: string, type: string, body: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type, prefer: 'return=minimal' }
  const answer = await fetch(url + path, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(await answer.text())
  await answer.arrayBuffer()
}

async function measure(who: Contestant, round: number): Promise<void> {
  const definition = JSON.stringify({ entity_name: `import_${round}`, fields: FIELDS })
  await send(who, '/schemas', 'application/json', definition)
  const body = csvOf(round)
  const before = await cpuOf(who.pid, who.database)
  const began = performance.now()
  await send(who, `/import_${round}/`, 'text/csv', body)
  const seconds = (performance.now() - began) / 1000
  const after = await cpuOf(who.pid, who.database)
  const [server, database] = [
    (after.server - before.server) / ROWS,
    (after.database - before.database) / ROWS,
  ]
  const costs = [server, database, server + database].map((cost) => cost.toFixed(1).padStart(8))
  console.log(`${costs.join('')}   ${seconds.toFixed(1)} s`)
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-bench-'))
  const postgres = await startEmbedded({ dataDir, log: silentLog })
  try {
    const who = await launchUnivera(postgres.url, { port: PORT, dataDir: join(dataDir, 'univera') })
    console.log(`us a row: server, PostgreSQL, both; ${ROWS} rows`)
    for (let round = 0; round < ROUNDS; round++) await measure(who, round)
    await who.stop()
  } finally {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
