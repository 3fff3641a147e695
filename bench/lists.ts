// `npm run bench:lists`: lists, counts, groups, embeds and writes of random values on Univera and on a server written by
// hand with an index for each column, in turns, on one PostgreSQL. LISTS_* variables size it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../lib/postgres/embedded/embedded.ts'
import { silentLog } from '../lib/process/log.ts'
import { verify } from './lists/check.ts'
import { compare, type Row, type Sides, warmUp } from './lists/compare.ts'
import { sideOf } from './lists/load.ts'
import { OPERATIONS } from './lists/operations.ts'
import { Pool } from './lists/pool.ts'
import { print } from './lists/report.ts'
import { fillTables } from './lists/tables.ts'
import { fillUnivera } from './lists/univera.ts'
import { connect, launchByHand, launchUnivera } from './servers.ts'

const { env } = process

const RECORDS = Number(env.LISTS_RECORDS ?? 20_000)

const PORT = Number(env.LISTS_PORT ?? 8351)

const OPTIONS = {
  connections: Number(env.LISTS_CONNECTIONS ?? 16),
  seconds: Number(env.LISTS_SECONDS ?? 2),
  rounds: Number(env.LISTS_ROUNDS ?? 3),
}

const OUTPUT = env.LISTS_OUTPUT ?? 'bench-lists-result.json'

/** All, or those whose names have one of the parts that LISTS_ONLY lists. */
const CHOSEN = OPERATIONS.filter(({ name }) =>
  (env.LISTS_ONLY ?? '').split(',').some((part) => name.includes(part)),
)

const NO_AUTOMATIC_SLOTS = new URL('./lists/no-automatic-slots.js', import.meta.url).href

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Both servers, with the same records. */
async function startSides(serverUrl: string, dataDir: string) {
  const own = await createDatabase(serverUrl, 'lists_univera')
  const execArgv = env.LISTS_AUTOMATIC === '1' ? [] : ['--import', NO_AUTOMATIC_SLOTS]
  const univera = await launchUnivera(own, { port: PORT, dataDir, execArgv })
  const known = await fillUnivera(univera, RECORDS)
  const tables = await createDatabase(serverUrl, 'lists_by_hand')
  const database = await connect(tables)
  await fillTables(univera.database, database)
  await database.end()
  const byHand = await launchByHand('./lists/by-hand.js', tables, PORT + 1)
  const sides = { univera: sideOf(univera, OPTIONS.connections), byHand: sideOf(byHand, OPTIONS.connections) }
  return { sides, pool: new Pool({ ...known, positions: [] }) }
}

async function measureAll(sides: Sides, pool: Pool): Promise<void> {
  for (const operation of CHOSEN) await verify(sides, operation, pool)
  // Code that the engine has not optimized yet would be measured with what comes first.
  for (const operation of CHOSEN) await warmUp(sides, operation, pool, OPTIONS.connections)
  const rows: Row[] = []
  for (const operation of CHOSEN) rows.push(await compare(sides, operation, pool, OPTIONS))
  print(rows)
  await writeFile(OUTPUT, JSON.stringify({ records: RECORDS, ...OPTIONS, rows }, null, 2))
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-lists-'))
  const postgres = await startEmbedded({ dataDir, log: silentLog })
  const { sides, pool } = await startSides(postgres.url, join(dataDir, 'univera'))
  try {
    await measureAll(sides, pool)
  } finally {
    for (const { agent, stop } of [sides.univera, sides.byHand]) {
      agent.destroy()
      await stop()
    }
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
