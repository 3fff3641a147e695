// `npm run bench`: five operations on Univera and on the yardstick, in turns, on one PostgreSQL, each request with values
// of its own. Prints requests a second, latencies and CPU microseconds a request of server and database together, with the
// ratio of the medians.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../lib/postgres/embedded/embedded.ts'
import { silentLog } from '../lib/process/log.ts'
import type { Request } from './load.ts'
import { type Measured, type Sample, sample, summarize, warmUp } from './measure.ts'
import { print, type Row } from './report.ts'
import { AGES, PATH, type School, startUnivera, startYardstick, studentOf } from './students.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 4)

const LOAD = {
  connections: Number(process.env.BENCH_CONNECTIONS ?? 32),
  seconds: Number(process.env.BENCH_SECONDS ?? 4),
}

interface Operation {
  name: string
  request: (school: School) => Request
}

const below = (limit: number) => Math.floor(Math.random() * limit)

const anyOf = ({ ids }: School) => ids[below(ids.length)]

const newStudent = () => studentOf(below(2 ** 40))

/** The filter leaves at least a tenth. */
function filter({ name }: School): string {
  const age = below(AGES * 0.9)
  return name === 'Univera' ? `age=gt.${age}&order=name` : `min=${age}`
}

const ALL: readonly Operation[] = [
  { name: 'get by id', request: (school) => ({ path: `${PATH}/${anyOf(school)}` }) },
  { name: 'list 20', request: () => ({ path: `${PATH}?limit=20` }) },
  { name: 'filter, sort, 20', request: (school) => ({ path: `${PATH}?${filter(school)}&limit=20` }) },
  { name: 'create', request: () => ({ method: 'POST', path: PATH, body: newStudent() }) },
  {
    name: 'patch',
    request: (school) => ({ method: 'PATCH', path: `${PATH}/${anyOf(school)}`, body: { age: below(AGES) } }),
  },
]

/** All, or those that BENCH_ONLY names. */
const OPERATIONS = ALL.filter(({ name }) => name.includes(process.env.BENCH_ONLY ?? ''))

type Schools = readonly [School, School]

async function compare(schools: Schools, { name, request }: Operation): Promise<Row> {
  const turns = []
  for (const who of schools) {
    const next = () => request(who)
    turns.push({ who, next, samples: [] as Sample[], amount: await warmUp(who, next, LOAD) })
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const { who, next, samples, amount } of turns)
      samples.push(await sample(who, next, { ...LOAD, amount }))
  const [univera, by_hand] = turns.map(({ samples }) => summarize(samples)) as [Measured, Measured]
  return { operation: name, univera, by_hand, cpu_ratio: univera.cpu / by_hand.cpu }
}

async function compareAll(schools: Schools): Promise<Row[]> {
  // Code that the engine has not optimized yet would be measured with what comes first.
  for (const { request } of OPERATIONS) for (const who of schools) await warmUp(who, () => request(who), LOAD)
  const rows: Row[] = []
  for (const operation of OPERATIONS) rows.push(await compare(schools, operation))
  return rows
}

async function createDatabases(serverUrl: string, names: [string, string]): Promise<[string, string]> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  for (const name of names) await admin.query(`create database ${name}`)
  await admin.end()
  return names.map((name) => Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href) as [
    string,
    string,
  ]
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-bench-'))
  const server = await startEmbedded({ dataDir, log: silentLog })
  const urls = await createDatabases(server.url, ['bench_univera', 'bench_by_hand'])
  const univera = await startUnivera(urls[0], 8311, join(dataDir, 'univera'))
  const yardstick = await startYardstick(urls[1], 8312)
  const rows = await compareAll([univera, yardstick])
  print(rows)
  await writeFile('bench-result.json', JSON.stringify(rows, null, 2))
  await Promise.all([univera.stop(), yardstick.stop()])
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

await main()
