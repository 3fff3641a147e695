// What requests cost at each size, on one entity and on all, beside the server written by hand.

import { type Load, type Measured, measure, type Operation, type Spread } from './load.ts'
import type { Cost } from './report.ts'
import type { Server, Target } from './server.ts'

/** The two servers of a size. */
export interface Pair {
  univera: Server
  byHand: Target
}

export interface Sampling {
  load: Load
  /** Rounds of which the median counts, after one that warms up. */
  rounds: number
}

interface Series {
  pair: Pair
  operation: Operation
  spread: Spread
  univera: Measured[]
  byHand: Measured[]
}

function seriesOf(pairs: readonly Pair[]): Series[] {
  const series = (pair: Pair, spread: Spread, operation: Operation): Series => {
    return { pair, operation, spread, univera: [], byHand: [] }
  }
  const plain: Operation[] = ['get', 'list', 'create']
  const usual = (['one', 'random'] as const).flatMap((spread) =>
    plain.flatMap((operation) => pairs.map((pair) => series(pair, spread, operation))),
  )
  const last = pairs.at(-1) as Pair
  return [...usual, ...[...plain, 'filter' as const].map((operation) => series(last, 'large', operation))]
}

/** In turns, so that whatever else the machine does meets all of them. */
async function measureAll(all: readonly Series[], { load, rounds }: Sampling): Promise<void> {
  for (let round = -1; round < rounds; round++)
    for (const { pair, operation, spread, ...samples } of all)
      for (const name of ['univera', 'byHand'] as const) {
        // Written by hand for what is asked most.
        if (name === 'byHand' && operation === 'filter') continue
        const sample = await measure(pair[name], operation, spread, load)
        // The first round warms up.
        if (round >= 0) samples[name].push(sample)
      }
}

const medianOf = (samples: readonly Measured[]): Measured | undefined =>
  [...samples].sort((a, b) => a.cpu - b.cpu)[samples.length >> 1]

export async function measureCosts(pairs: readonly Pair[], sampling: Sampling): Promise<Cost[]> {
  const all = seriesOf(pairs)
  await measureAll(all, sampling)
  const costs = all.map(({ pair, operation, spread, ...samples }) => {
    const { cpu, database } = medianOf(samples.univera) as Measured
    const byHand = medianOf(samples.byHand)?.cpu ?? null
    const { entities } = pair.univera
    return { entities, spread, operation, cpu, database, byHand, ratio: byHand && cpu / byHand }
  })
  return costs.map((cost) => {
    const base = costs.find(
      ({ spread, operation }) => spread === 'one' && operation === cost.operation,
    )?.ratio
    return { ...cost, growth: cost.ratio && base ? cost.ratio / base : null }
  })
}
