// `npm run bench`: five operations on Univera and on the yardstick, in turns, on one PostgreSQL. Prints requests a
// second, latencies and CPU microseconds a request of server and database together, with the ratio of the medians.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import pg from 'pg'
import { startEmbedded } from '../lib/postgres/embedded/embedded.ts'
import { silentLog } from '../lib/process/log.ts'
import { cpuOf } from './cpu.ts'
import type { Contestant } from './servers.ts'
import { startUnivera, startYardstick } from './students.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 4)

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)

const CONNECTIONS = Number(process.env.BENCH_CONNECTIONS ?? 32)

/** Path of the students on either side. */
const PATH = '/students'

interface Operation {
  name: string
  request: (who: Contestant, id: string) => { method: 'GET' | 'POST' | 'PATCH'; path: string; body?: string }
}

const isUnivera = ({ name }: Contestant) => name === 'Univera'

const ALL: readonly Operation[] = [
  { name: 'get by id', request: (_, id) => ({ method: 'GET', path: `${PATH}/${id}` }) },
  { name: 'list 20', request: () => ({ method: 'GET', path: `${PATH}?limit=20` }) },
  {
    name: 'filter, sort, 20',
    request: (who) => {
      const query = isUnivera(who) ? 'age=gt.50&order=name&limit=20' : 'min=50&limit=20'
      return { method: 'GET', path: `${PATH}?${query}` }
    },
  },
  {
    name: 'create',
    request: () => ({
      method: 'POST',
      path: PATH,
      body: '{"name":"Alice","age":20,"email":"alice@example.com"}',
    }),
  },
  {
    name: 'patch',
    request: (_, id) => ({ method: 'PATCH', path: `${PATH}/${id}`, body: '{"age":21}' }),
  },
]

/** All, or those that BENCH_ONLY names. */
const OPERATIONS = ALL.filter(({ name }) => name.includes(process.env.BENCH_ONLY ?? ''))

interface Sample {
  rate: number
  p50: number
  p99: number
  /** CPU microseconds a request: of the server, of the database, and both. */
  server: number
  database: number
  cpu: number
}

async function anyId({ url, token }: Contestant): Promise<string> {
  const response = await fetch(`${url}${PATH}?limit=1`, { headers: { authorization: `Bearer ${token}` } })
  const [row] = (await response.json()) as { id: string }[]
  return row?.id ?? ''
}

async function measure(who: Contestant, { request }: Operation, seconds: number): Promise<Sample> {
  const { method, path, body } = request(who, await anyId(who))
  const headers = {
    authorization: `Bearer ${who.token}`,
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  const before = await cpuOf(who.pid, who.database)
  const result = await autocannon({
    url: `${who.url}${path}`,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    connections: CONNECTIONS,
    duration: seconds,
  })
  const after = await cpuOf(who.pid, who.database)
  if (result.errors + result.non2xx > 0)
    throw new Error(`${who.name} ${method} ${path}: ${result.non2xx} refused`)
  const { total, average } = result.requests
  const server = (after.server - before.server) / total
  const database = (after.database - before.database) / total
  return {
    rate: average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    server,
    database,
    cpu: server + database,
  }
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

function medians(samples: readonly Sample[]): Sample {
  const of = (key: keyof Sample) => median(samples.map((sample) => sample[key]))
  return {
    rate: of('rate'),
    p50: of('p50'),
    p99: of('p99'),
    server: of('server'),
    database: of('database'),
    cpu: of('cpu'),
  }
}

async function compare(univera: Contestant, yardstick: Contestant, operation: Operation) {
  for (const who of [univera, yardstick]) await measure(who, operation, 1)
  const samples: [Sample[], Sample[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    samples[0].push(await measure(univera, operation, SECONDS))
    samples[1].push(await measure(yardstick, operation, SECONDS))
  }
  const [ours, theirs] = samples.map(medians) as [Sample, Sample]
  return { operation: operation.name, univera: ours, by_hand: theirs, cpu_ratio: ours.cpu / theirs.cpu }
}

type Row = Awaited<ReturnType<typeof compare>>

function print(rows: readonly Row[]): void {
  const show = (sample: Sample) =>
    [sample.rate, sample.p50, sample.p99, sample.server, sample.database]
      .map((value) => value.toFixed(0).padStart(7))
      .join('')
  const columns = ['req/s', 'p50', 'p99', 'us', 'us db'].map((name) => name.padStart(7)).join('')
  console.log(`${' '.repeat(17)}${'Univera'.padStart(20)}${' '.repeat(17)}${'by hand'.padStart(20)}`)
  console.log(`${'operation'.padEnd(17)}${columns}  ${columns}   CPU ratio`)
  for (const { operation, univera, by_hand, cpu_ratio } of rows)
    console.log(`${operation.padEnd(17)}${show(univera)}  ${show(by_hand)}   ${cpu_ratio.toFixed(2)}`)
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-bench-'))
  const server = await startEmbedded({ dataDir, log: silentLog })
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  const urls = ['bench_univera', 'bench_by_hand'].map((name) => {
    const url = new URL(server.url)
    url.pathname = `/${name}`
    return url.href
  }) as [string, string]
  await admin.query('create database bench_univera')
  await admin.query('create database bench_by_hand')
  await admin.end()
  const univera = await startUnivera(urls[0], 8311, join(dataDir, 'univera'))
  const yardstick = await startYardstick(urls[1], 8312)
  const rows: Row[] = []
  for (const operation of OPERATIONS) rows.push(await compare(univera, yardstick, operation))
  print(rows)
  await writeFile('bench-result.json', JSON.stringify(rows, null, 2))
  await Promise.all([univera.stop(), yardstick.stop()])
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

await main()
