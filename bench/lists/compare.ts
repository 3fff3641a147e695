// Measures an operation on both sides in turns, with the pages of shared buffers that Univera reads.

import { setTimeout as sleep } from 'node:timers/promises'
import { load, type Request } from '../load.ts'
import { type Measured, type Sample, sample, summarize, type Timed, warmUp } from '../measure.ts'
import type { Contestant } from '../servers.ts'
import type { Operation } from './operation.ts'
import type { Pool } from './pool.ts'
import { question } from './questions.ts'

export interface Sides {
  univera: Contestant
  byHand: Contestant
}

export interface Options extends Timed {
  rounds: number
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

const SIDES = ['univera', 'byHand'] as const

const asking = (operation: Operation, pool: Pool, side: keyof Sides) => () => question(operation, pool)[side]

/** Milliseconds between two reports of a backend on what it has read. */
const REPORT_EVERY = 1100

/** Pages read so far. A backend reports them after a statement, once a second: each is given some when that is over. */
async function pagesOf(who: Contestant, next: () => Request, { connections, seconds }: Timed) {
  // The other side has been measured since the last request.
  await sleep(Math.max(0, REPORT_EVERY - seconds * 1000))
  await load(who, next, { connections, amount: connections * 2 })
  const text = 'select blks_hit + blks_read as pages from pg_stat_database where datname = current_database()'
  const { rows } = await who.database.query<{ pages: string }>(text)
  return Number(rows[0]?.pages)
}

/** Runs an operation on both sides, so that what it needs is compiled and cached. */
export async function prepare(sides: Sides, operation: Operation, pool: Pool, options: Options) {
  for (const side of SIDES) await warmUp(sides[side], asking(operation, pool, side), options)
}

export async function compare(
  sides: Sides,
  operation: Operation,
  pool: Pool,
  options: Options,
): Promise<Row> {
  const { connections, rounds } = options
  const next = { univera: asking(operation, pool, 'univera'), byHand: asking(operation, pool, 'byHand') }
  const amounts = { univera: 0, byHand: 0 }
  for (const side of SIDES) amounts[side] = await warmUp(sides[side], next[side], options)
  const samples: Record<keyof Sides, Sample[]> = { univera: [], byHand: [] }
  const before = await pagesOf(sides.univera, next.univera, options)
  for (let round = 0; round < rounds; round++)
    for (const side of SIDES)
      samples[side].push(await sample(sides[side], next[side], { connections, amount: amounts[side] }))
  const pages = (await pagesOf(sides.univera, next.univera, options)) - before
  const [univera, by_hand] = [summarize(samples.univera), summarize(samples.byHand)]
  const { name, bound = null } = operation
  const buffers = pages / (rounds * amounts.univera + connections * 2)
  return { operation: name, bound, univera, by_hand, ratio: univera.cpu / by_hand.cpu, buffers }
}
