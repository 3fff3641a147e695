// What a request costs: CPU of server and database, and latencies, as the medians of rounds.

import { cpuOf } from './cpu.ts'
import { type Answered, type Load, load, type Request } from './load.ts'
import type { Contestant } from './servers.ts'

export interface Sample extends Answered {
  /** CPU microseconds a request. */
  server: number
  database: number
}

export interface Measured {
  /** Requests a second. */
  rate: number
  /** Milliseconds, over all rounds. */
  p50: number
  p99: number
  /** CPU microseconds a request: of the server, of the database, and both. */
  server: number
  database: number
  cpu: number
}

/** So many clients, for so long. */
export interface Timed {
  connections: number
  seconds: number
}

/** Requests of each client that tell how many fit into a time. */
const TRIAL = 8

/** Seconds of the longer one of the two that warm up. */
const WARM_UP = 0.5

/** Requests a second. */
const rateOf = ({ latencies, seconds }: Answered) => latencies.length / seconds

/** How many requests take so many seconds, after some that warm up. */
export async function warmUp(who: Contestant, next: () => Request, timed: Timed): Promise<number> {
  const { connections, seconds } = timed
  const amountOf = (answered: Answered, time: number) =>
    Math.max(connections * 2, Math.ceil(rateOf(answered) * time))
  const trial = await load(who, next, { connections, amount: connections * TRIAL })
  const warm = await load(who, next, { connections, amount: amountOf(trial, Math.min(WARM_UP, seconds)) })
  return amountOf(warm, seconds)
}

export async function sample(who: Contestant, next: () => Request, requests: Load): Promise<Sample> {
  const before = await cpuOf(who.pid, who.database)
  const answered = await load(who, next, requests)
  const after = await cpuOf(who.pid, who.database)
  const server = (after.server - before.server) / answered.latencies.length
  const database = (after.database - before.database) / answered.latencies.length
  return { ...answered, server, database }
}

const sort = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

/** The value below which this share of them lies. */
const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export function summarize(samples: readonly Sample[]): Measured {
  const median = (of: (one: Sample) => number) => quantile(sort(samples.map(of)), 0.5)
  const latencies = sort(samples.flatMap((one) => one.latencies))
  return {
    rate: median(rateOf),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    server: median(({ server }) => server),
    database: median(({ database }) => database),
    cpu: median(({ server, database }) => server + database),
  }
}
