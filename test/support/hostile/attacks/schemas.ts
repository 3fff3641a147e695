// Attacks with definitions at the limits: validators that are long to compile, schemas made and dropped without end.
import type { Attack, Attacker } from '../duel.ts'
import type { Random } from '../random.ts'
import { makeEntity } from './world.ts'

const FIELDS = 490
const VALUES = 190

const enums = Array.from({ length: FIELDS }, (_, at) => ({
  name: `f${at}`,
  type: 'enum',
  values: Array.from({ length: VALUES }, (_, value) => `${at}_${value}`),
}))

const compilations: Attack = {
  name: 'two entities of 490 enums written in turn',
  parallel: 4,
  prepare: async (attacker) => {
    for (const name of ['enums1', 'enums2']) await makeEntity(attacker, name, enums)
  },
  async strike({ send }, turn) {
    const half = Array.from({ length: FIELDS }, (_, at) => [`f${at}`, turn % 2 === 0 ? `${at}_1` : 'none'])
    await send('POST', `/enums${1 + (turn % 2)}/`, Object.fromEntries(half))
  },
}

type Field = Record<string, unknown>

const SCALARS: ((random: Random) => Field)[] = [
  () => ({ type: 'integer', min: -5, max: 5 }),
  (random) => ({
    type: 'string',
    pattern: random.pick(['^(a|b)*$', '^[a-z]{1,200}$', '(x+x+)+y', '^.{0,900}$']),
  }),
  (random) => ({ type: 'enum', values: Array.from({ length: 1 + random.below(300) }, (_, at) => `v${at}`) }),
  () => ({ type: 'decimal', precision: 100, scale: 50 }),
  () => ({ type: 'datetime', indexed: true }),
  () => ({ type: 'uuid', unique: true }),
]

function randomField(random: Random, depth: number): Field {
  if (depth > 0 && random.chance(0.3)) {
    return random.chance(0.5)
      ? { type: 'array', items: randomField(random, depth - 1), max_items: 10 }
      : { type: 'object', fields: randomFields(random, 1 + random.below(8), depth - 1) }
  }
  const { indexed, unique, ...field } = random.pick(SCALARS)(random)
  return depth === 5 ? { ...field, ...(indexed ? { indexed } : {}), ...(unique ? { unique } : {}) } : field
}

function randomFields(random: Random, count: number, depth: number): Field[] {
  return Array.from({ length: count }, (_, at) => ({ name: `f${at}`, ...randomField(random, depth) }))
}

const ENTITIES = 12

async function remake({ send, random }: Attacker, turn: number): Promise<void> {
  const name = `made${turn % ENTITIES}`
  const body = { entity_name: name, fields: randomFields(random, random.pick([1, 20, 100, 500, 501]), 5) }
  const { status } = await send('POST', '/schemas/', body)
  if (status === 409) await send('PUT', `/schemas/${name}`, body)
  await send('POST', `/${name}/`, [{}, { f0: 'v1' }, { f0: 1 }])
  if (random.chance(0.3)) await send('GET', '/docs/json')
  if (random.chance(0.5)) await send('DELETE', `/schemas/${name}`)
}

const randomSchemas: Attack = {
  name: 'random definitions, made, used and dropped',
  parallel: 6,
  strike: remake,
}

export const schemaAttacks: Attack[] = [compilations, randomSchemas]
