// `npm run bench:lists`: lists, counts, groups, embeds and writes of random values on Univera and on a server written by
// hand with an index for each column, in turns, on one PostgreSQL. LISTS_* variables size it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../lib/postgres/embedded/embedded.ts'
import { silentLog } from '../lib/process/log.ts'
import { verify } from './lists/check.ts'
import { compare, prepare, type Row } from './lists/compare.ts'
import { OPERATIONS } from './lists/operations.ts'
import { printBytes, printRow, printTitles } from './lists/report.ts'
import { type Started, startSides } from './lists/sides.ts'
import type { Contestant } from './servers.ts'

const { env } = process

const RECORDS = Number(env.LISTS_RECORDS ?? 20_000)

const OPTIONS = {
  connections: Number(env.LISTS_CONNECTIONS ?? 16),
  seconds: Number(env.LISTS_SECONDS ?? 2),
  rounds: Number(env.LISTS_ROUNDS ?? 3),
}

const PORT = Number(env.LISTS_PORT ?? 8351)

const OUTPUT = env.LISTS_OUTPUT ?? 'bench-lists-result.json'

/** All, or those whose names have one of the parts that LISTS_ONLY lists. */
const CHOSEN = OPERATIONS.filter(({ name }) =>
  (env.LISTS_ONLY ?? '').split(',').some((part) => name.includes(part)),
)

async function measureAll({ sides, pool, bytes }: Started): Promise<void> {
  printBytes(bytes)
  for (const operation of CHOSEN) await verify(sides, operation, pool)
  const reads = CHOSEN.filter(({ method }) => method === undefined)
  console.log(`${reads.length} operations: both answer with the same records`)
  if (OPTIONS.rounds === 0) return
  // Code that the engine has not optimized yet would be measured with what comes first.
  for (const operation of CHOSEN) await prepare(sides, operation, pool, OPTIONS)
  printTitles()
  const rows: Row[] = []
  for (const operation of CHOSEN) {
    const row = await compare(sides, operation, pool, OPTIONS)
    printRow(row)
    rows.push(row)
  }
  await writeFile(OUTPUT, JSON.stringify({ records: RECORDS, ...OPTIONS, bytes, rows }, null, 2))
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-lists-'))
  const postgres = await startEmbedded({ dataDir, log: silentLog })
  const running: Contestant[] = []
  try {
    const automaticSlots = env.LISTS_AUTOMATIC === '1'
    const options = { serverUrl: postgres.url, dataDir, port: PORT, records: RECORDS, automaticSlots }
    await measureAll(await startSides(options, running))
  } finally {
    for (const { stop } of running) await stop()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
