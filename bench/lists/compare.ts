// Measures an operation on both sides in turns: CPU, latencies, and the pages of shared buffers that Univera reads.

import { cpuOf } from '../cpu.ts'
import { ask, run, type Side } from './load.ts'
import type { Operation } from './operation.ts'
import type { Pool } from './pool.ts'

export interface Sides {
  univera: Side
  byHand: Side
}

export interface Options {
  connections: number
  seconds: number
  rounds: number
}

/** Seconds of a round that warms up. */
const WARM_UP = 0.5

interface Sample {
  server: number
  database: number
  latencies: number[]
}

export interface Measured {
  /** CPU microseconds a request: of the server, of the database, and both. */
  server: number
  database: number
  cpu: number
  /** Milliseconds. */
  p50: number
  p99: number
}

export interface Row {
  operation: string
  bound: number | null
  univera: Measured
  by_hand: Measured
  ratio: number
  /** Pages of shared buffers that a request to Univera reads. */
  buffers: number
}

async function sample(side: Side, once: () => Promise<unknown>, options: Options): Promise<Sample> {
  const before = await cpuOf(side.pid, side.database)
  const latencies = await run(options.connections, options.seconds, once)
  const after = await cpuOf(side.pid, side.database)
  const count = latencies.length
  const server = (after.server - before.server) / count
  return { server, database: (after.database - before.database) / count, latencies }
}

/** Pages read so far. A backend reports them once a second, with its next statement: all are given one. */
async function pagesOf(side: Side, once: () => Promise<unknown>, connections: number): Promise<number> {
  await Promise.all(Array.from({ length: connections * 2 }, once))
  const text = `select blks_hit + blks_read as pages from pg_stat_database where datname = current_database()`
  const { rows } = await side.database.query<{ pages: string }>(text)
  return Number(rows[0]?.pages)
}

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const sort = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

function summarize(samples: readonly Sample[]): Measured {
  const middle = (of: (one: Sample) => number) => at(sort(samples.map(of)), 0.5)
  const latencies = sort(samples.flatMap(({ latencies }) => latencies))
  return {
    server: middle(({ server }) => server),
    database: middle(({ database }) => database),
    cpu: middle(({ server, database }) => server + database),
    p50: at(latencies, 0.5),
    p99: at(latencies, 0.99),
  }
}

export async function warmUp(
  sides: Sides,
  operation: Operation,
  pool: Pool,
  connections: number,
): Promise<void> {
  for (const side of [sides.univera, sides.byHand])
    await run(connections, WARM_UP, () => ask(side, operation, pool))
}

export async function compare(
  sides: Sides,
  operation: Operation,
  pool: Pool,
  options: Options,
): Promise<Row> {
  const { connections, rounds } = options
  const once = () => ask(sides.univera, operation, pool)
  const onceByHand = () => ask(sides.byHand, operation, pool)
  await warmUp(sides, operation, pool, connections)
  const samples: { univera: Sample[]; byHand: Sample[] } = { univera: [], byHand: [] }
  const before = await pagesOf(sides.univera, once, connections)
  for (let round = 0; round < rounds; round++) {
    samples.univera.push(await sample(sides.univera, once, options))
    samples.byHand.push(await sample(sides.byHand, onceByHand, options))
  }
  const pages = (await pagesOf(sides.univera, once, connections)) - before
  const [univera, by_hand] = [summarize(samples.univera), summarize(samples.byHand)]
  const requests = samples.univera.reduce((sum, { latencies }) => sum + latencies.length, connections * 2)
  const { name, bound = null } = operation
  return {
    operation: name,
    bound,
    univera,
    by_hand,
    ratio: univera.cpu / by_hand.cpu,
    buffers: pages / requests,
  }
}
