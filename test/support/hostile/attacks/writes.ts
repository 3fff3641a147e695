// Attacks by writing: bodies that grow into far more work than their bytes, and writes that read without number.
import type { Attack } from '../duel.ts'
import { randomBody } from './random-body.ts'
import { makeDocuments, makeEntity, makeWide } from './world.ts'

/** A long array of empty objects for an entity of many fields. */
const emptyRows: Attack = {
  name: '340,000 empty rows in a body, and some with a long default',
  parallel: 4,
  async prepare(attacker) {
    await makeWide(attacker)
    await makeEntity(attacker, 'filled', [{ name: 't', type: 'text', default: 'z'.repeat(500_000) }])
  },
  async strike({ send, random }, turn) {
    if (turn % 5 === 0) {
      const rows = Array.from({ length: 1 + random.below(200) }, () => ({}))
      await send('POST', '/filled/', rows, { prefer: 'return=minimal' })
      return
    }
    const count = turn % 2 === 0 ? 340_000 : 1 + random.below(340_000)
    await send('POST', '/wide/', `[${'{},'.repeat(count)}{}]`, { prefer: 'return=minimal' })
  },
}

/** 650 records of 0.95 MB: more than the process may have in memory. */
const LARGE_RECORDS = 650

let owner = ''

const bulkChanges: Attack = {
  name: 'a change of all records, which are large',
  parallel: 2,
  async prepare(attacker) {
    owner = await makeDocuments(attacker, LARGE_RECORDS)
  },
  async strike({ send }) {
    await send('PATCH', '/doc/?id=not.is.null', { owner }, { prefer: 'return=minimal' })
  },
}

const schemaChanges: Attack = {
  name: 'a schema replaced over large records',
  parallel: 1,
  prepare: async (attacker) => {
    await makeDocuments(attacker, LARGE_RECORDS)
  },
  async strike({ send }, turn) {
    const fields = [
      { name: 't', type: 'text', ...(turn % 2 === 0 ? { max_length: 1_000_000 } : { pattern: '^t*$' }) },
      { name: 'owner', type: 'relation', entity: 'owner' },
    ]
    await send('PUT', '/schemas/doc', { entity_name: 'doc', fields })
  },
}

/** Texts that a pattern with two ways to read them would take quadratic time for. */
const SLOW_TEXTS = [
  `http://${'a'.repeat(8180)} `,
  `${'a.'.repeat(120)}@${'a-'.repeat(120)}`,
  `${'a'.repeat(8000)}!`,
]

const patterns: Attack = {
  name: 'texts that are slow to match',
  parallel: 4,
  prepare: async (attacker) => {
    await makeEntity(attacker, 'matched', [
      { name: 'u', type: 'array', items: { type: 'url' } },
      { name: 'e', type: 'array', items: { type: 'email' } },
      { name: 'p', type: 'array', items: { type: 'string', pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' } },
      { name: 'd', type: 'array', items: { type: 'datetime' } },
    ])
  },
  async strike({ send, random }, turn) {
    const field = turn % 2 === 0 ? 'u' : random.pick(['u', 'e', 'p', 'd'])
    const text = turn % 2 === 0 ? SLOW_TEXTS[0] : random.pick(SLOW_TEXTS)
    await send('POST', '/matched/', { [field]: Array(120).fill(text) })
  },
}

const PATHS = ['/wide/', '/matched/', '/schemas/', '/auth/token', '/auth/users', '/auth/roles/r', '/tenants/']

const randomBodies: Attack = {
  name: 'random bodies for every kind of route',
  parallel: 6,
  async prepare(attacker) {
    await makeWide(attacker)
    await patterns.prepare?.(attacker)
  },
  async strike({ send, random }) {
    const method = random.pick(['POST', 'POST', 'PUT', 'PATCH'])
    await send(method, random.pick(PATHS), randomBody(random))
  },
}

export const writeAttacks: Attack[] = [emptyRows, bulkChanges, schemaChanges, patterns, randomBodies]
