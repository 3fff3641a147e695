// `npm run bench:scale`: whether a request costs the same however many tenants, entities and records there are. A server
// for each size, and one written by hand with as many rows, all on one PostgreSQL, measured in turns. Each SCALE_* variable below makes it smaller or larger.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../lib/postgres/embedded/embedded.ts'
import { migrate } from '../lib/postgres/migrate.ts'
import { silentLog } from '../lib/process/log.ts'
import { measureCosts, type Pair } from './scale/costs.ts'
import { measureCreation, verifySeed } from './scale/creation.ts'
import { type Load, touchAll } from './scale/load.ts'
import { print, type SizeReport } from './scale/report.ts'
import { type Server, startByHand, startServer } from './scale/server.ts'
import { OWN_FIELDS, seedWorld } from './scale/world.ts'

const { env } = process

const SIZES = (env.SCALE_SIZES ?? '1,1000,100000').split(',').map(Number)

const LARGE = Number(env.SCALE_LARGE ?? 1_000_000)

const ROUNDS = Number(env.SCALE_ROUNDS ?? 5)

const CREATIONS = Number(env.SCALE_CREATIONS ?? 50)

const LOAD: Load = {
  requests: Number(env.SCALE_REQUESTS ?? 4000),
  connections: Number(env.SCALE_CONNECTIONS ?? 32),
}

const OUTPUT = env.SCALE_OUTPUT ?? 'bench-scale-result.json'

const PORT = Number(env.SCALE_PORT ?? 8321)

/** Kept for the next run when named; what is there is not seeded again. */
const DATA_DIR = env.SCALE_DATA_DIR

const LARGEST = Math.max(...SIZES)

/** The database of a size, filled unless it is there already. */
async function openWorld(serverUrl: string, entities: number): Promise<string> {
  const name = `scale_${entities}_${LARGE}${OWN_FIELDS ? '_own' : ''}`
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name])
  if (rowCount === 0) await fillWorld(admin, url.href, { name, entities })
  await admin.end()
  return url.href
}

async function fillWorld(
  admin: pg.Client,
  url: string,
  { name, entities }: { name: string; entities: number },
) {
  const draft = new URL(url)
  draft.pathname = `/${name}_draft`
  await admin.query(`drop database if exists ${name}_draft`)
  await admin.query(`create database ${name}_draft`)
  await migrate(draft.href, silentLog)
  const db = new pg.Client({ connectionString: draft.href })
  await db.connect()
  const large = entities === LARGEST ? LARGE : Math.min(LARGE, 1)
  await seedWorld(db, { entities, entitiesPerTenant: 10, recordsPerEntity: 5, large })
  await db.end()
  await admin.query(`alter database ${name}_draft rename to ${name}`)
}

async function reportSize(server: Server, touched: number): Promise<SizeReport> {
  const { entities, startup } = server
  const creation = await measureCreation(server, CREATIONS)
  const { peak } = await server.memory()
  return { entities, startup, creation, memory: { touched, peak } }
}

async function startPairs(serverUrl: string, dataDir: string, pairs: Pair[]): Promise<void> {
  for (const [at, entities] of SIZES.entries()) {
    const url = await openWorld(serverUrl, entities)
    const byHand = await startByHand(url, PORT + SIZES.length + at)
    const own = { port: PORT + at, dataDir: join(dataDir, `univera-${at}`) }
    pairs.push({ byHand, univera: await startServer(url, own) })
  }
}

async function measureAll(pairs: readonly Pair[]): Promise<void> {
  const servers = pairs.map(({ univera }) => univera)
  const touched: number[] = []
  for (const server of servers) {
    await touchAll(server, 'list', LOAD.connections)
    touched.push((await server.memory()).now)
  }
  const costs = await measureCosts(pairs, { load: LOAD, rounds: ROUNDS })
  const sizes: SizeReport[] = []
  for (const [at, server] of servers.entries()) sizes.push(await reportSize(server, touched[at] as number))
  await verifySeed(servers[0] as Server)
  const large = { records: LARGE, costs: costs.filter(({ spread }) => spread === 'large') }
  const report = { sizes, large, costs: costs.filter(({ spread }) => spread !== 'large') }
  print(report)
  await writeFile(OUTPUT, JSON.stringify(report, null, 2))
}

async function main(): Promise<void> {
  const dataDir = DATA_DIR ?? (await mkdtemp(join(tmpdir(), 'univera-scale-')))
  const postgres = await startEmbedded({ dataDir, log: silentLog })
  const pairs: Pair[] = []
  try {
    await startPairs(postgres.url, dataDir, pairs)
    await measureAll(pairs)
  } finally {
    for (const { univera, byHand } of pairs) {
      await univera.stop()
      await byHand.stop()
    }
    await postgres.stop()
    if (DATA_DIR === undefined) await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
