// Attacks by reading: answers that grow far beyond what is stored, long work on large answers, statements without number.
import type { Attack } from '../duel.ts'
import { randomQuery } from './random-query.ts'
import { make, makeComments, makeDocuments, makeWide, wideNames } from './world.ts'

const aliases = (field: string, count: number) => Array.from({ length: count }, (_, at) => `a${at}:${field}`)

/** Queries that select a long text so many times. */
const MULTIPLIED: ((count: number) => string)[] = [
  (count) => `/post/?select=comment(${aliases('t', count)})`,
  (count) => `/post/?select=comment(${aliases('t', count)})&limit=1`,
  (count) => `/comment/?select=${aliases('t.max()', count)}`,
  () => '/comment/?select=t,post(comment(t,post(comment(t))))',
]

const aliasesOfRelated: Attack = {
  name: 'aliases of a long text in related records, lists in lists, aggregates',
  parallel: 4,
  prepare: makeComments,
  async strike({ send, random }, turn) {
    const count = turn % 2 === 0 ? 18 : 1 + random.below(900)
    await send('GET', random.pick(MULTIPLIED)(count))
  },
}

let document = ''

const aliasesById: Attack = {
  name: 'a hundred aliases of a long text in one record',
  parallel: 4,
  async prepare(attacker) {
    const owner = await makeDocuments(attacker, 30)
    document = await make(attacker, '/doc/', { t: 'x'.repeat(950_000), owner })
  },
  async strike({ send, random }, turn) {
    // Thirty just fit into an answer.
    const count = turn % 2 === 0 ? 100 : 20 + random.below(80)
    await send('GET', `/doc/${document}?select=${aliases('t', count)}`)
  },
}

const FORMATS = [
  { accept: 'application/vnd.pgrst.array+json;nulls=stripped' },
  { accept: 'text/csv' },
  { accept: 'application/x-ndjson' },
  { accept: 'application/json' },
]

const longLists: Attack = {
  name: 'lists just below the largest answer, in every format',
  parallel: 4,
  prepare: async (attacker) => {
    await makeDocuments(attacker, 30)
  },
  async strike({ send, random }) {
    await send('GET', `/doc/?limit=${20 + random.below(12)}`, undefined, random.pick(FORMATS))
  },
}

const statements: Attack = {
  name: 'lists with 18 embeddings of 490 fields, each with one filter more',
  parallel: 8,
  prepare: makeWide,
  async strike({ send }, turn) {
    const embedded = Array.from({ length: 18 }, (_, at) => `e${at}:link(*)`)
    const filters = wideNames.slice(0, 1 + (turn % 80)).map((name) => `${name}=not.is.null`)
    await send('GET', `/wide/?select=*,${embedded}&${filters.join('&')}&limit=${1 + turn}`)
  },
}

const randomReads: Attack = {
  name: 'random selects, aliases, embeddings, filters and orders',
  parallel: 8,
  async prepare(attacker) {
    await makeComments(attacker)
    await makeWide(attacker)
  },
  async strike({ send, random }) {
    const { path, headers } = randomQuery(random)
    await send('GET', path, undefined, headers)
  },
}

export const readAttacks: Attack[] = [aliasesOfRelated, aliasesById, longLists, statements, randomReads]
