// `npm run bench:workers`: requests a second, and CPU microseconds of each, with one process that serves and with two
// (WORKERS), in turns, on one PostgreSQL. Database and load generator share the machine: the rate tells how many cores it
// has, the CPU what a second process costs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../lib/postgres/embedded/embedded.ts'
import { migrate } from '../lib/postgres/migrate.ts'
import { silentLog } from '../lib/process/log.ts'
import { type Measured, measure, type Operation } from './scale/load.ts'
import { type Server, startServer } from './scale/server.ts'
import { seedWorld } from './scale/world.ts'

const { env } = process

const ROUNDS = Number(env.WORKERS_ROUNDS ?? 5)

const LOAD = { requests: Number(env.WORKERS_REQUESTS ?? 10_000), connections: 32 }

const COUNTS = [1, 2]

const OPERATIONS: Operation[] = ['get', 'list', 'create']

const WORLD = { entities: 100, entitiesPerTenant: 10, recordsPerEntity: 5, large: 0 }

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

async function compare(servers: readonly Server[], operation: Operation) {
  const samples = servers.map((): Measured[] => [])
  for (let round = -1; round < ROUNDS; round++)
    for (const [at, server] of servers.entries()) {
      const sample = await measure(server, operation, 'random', LOAD)
      // The first round warms up.
      if (round >= 0) samples[at]?.push(sample)
    }
  return samples.map((own, at) => ({
    operation,
    workers: COUNTS[at] ?? 0,
    rate: median(own.map(({ rate }) => rate)),
    cpu: median(own.map(({ cpu }) => cpu)),
  }))
}

async function measureAll(servers: readonly Server[]): Promise<void> {
  const rows = []
  for (const operation of OPERATIONS) rows.push(...(await compare(servers, operation)))
  console.log('operation   workers   req/s   CPU us')
  for (const { operation, workers, rate, cpu } of rows)
    console.log(
      `${operation.padEnd(12)}${String(workers).padStart(7)}${rate.toFixed(0).padStart(8)}${cpu.toFixed(0).padStart(9)}`,
    )
  await writeFile('bench-workers-result.json', JSON.stringify(rows, null, 2))
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-workers-'))
  const postgres = await startEmbedded({ dataDir, log: silentLog })
  const servers: Server[] = []
  try {
    await migrate(postgres.url, silentLog)
    const db = new pg.Client({ connectionString: postgres.url })
    await db.connect()
    await seedWorld(db, WORLD)
    await db.end()
    for (const workers of COUNTS) {
      const own = { port: 8340 + workers, dataDir: join(dataDir, `univera-${workers}`), workers }
      servers.push(await startServer(postgres.url, own))
    }
    await measureAll(servers)
  } finally {
    for (const server of servers) await server.stop()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
