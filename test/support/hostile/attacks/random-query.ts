// Queries made at random on the entities of world.ts: well-formed more often than not, at the limits everywhere.
import type { Random } from '../random.ts'
import { wideNames } from './world.ts'

interface Node {
  fields: readonly string[]
  /** Conditions that its fields allow. */
  values: readonly string[]
  /** What can be embedded, by name. */
  related: Readonly<Record<string, string>>
}

const ANY_FIELD = ['not.is.null', 'is.null']

const INTEGERS = [...ANY_FIELD, 'eq.1', 'gte.0', 'in.(1,2,3)', 'isdistinct.5', 'not.lt.-7']

/** Conditions that are wrong for some or all. */
const WRONG = ['eq.x', 'lt.2030-01-01', 'in.()', 'like', 'eq.99999999999999999999']

const ENTITIES: Record<string, Node> = {
  post: { fields: ['id', 'title', 'created_at'], values: ANY_FIELD, related: { comment: 'comment' } },
  comment: { fields: ['id', 't', 'updated_at'], values: ANY_FIELD, related: { post: 'post' } },
  wide: { fields: wideNames, values: INTEGERS, related: { link: 'link' } },
  link: { fields: wideNames, values: INTEGERS, related: { to: 'wide' } },
}

const MOST_ITEMS = 60

const PREFERENCES = ['count=exact', 'count=planned', 'count=estimated', 'handling=strict', 'handling=lenient']

const ACCEPTED = [
  'application/json',
  'text/csv',
  'application/x-ndjson',
  'application/vnd.pgrst.object+json',
  'application/vnd.pgrst.array+json;nulls=stripped',
]

function randomItems(random: Random, entity: string, depth: number): string {
  const { fields, related } = ENTITIES[entity] as Node
  const items = Array.from({ length: 1 + random.below(MOST_ITEMS) }, (_, at) => {
    const name = random.pick(fields)
    // The same name twice would be refused.
    return random.chance(0.02) ? name : `a${at}:${name}`
  })
  const embeddings = depth > 0 && random.chance(0.6) ? 1 + random.below(3) : 0
  for (let n = 0; n < embeddings; n++) {
    const [name, target] = random.pick(Object.entries(related))
    items.push(`${name}_${n}:${name}(${randomItems(random, target, depth - 1)})`)
  }
  if (random.chance(0.1)) items.push('*')
  return items.join(',')
}

function randomCondition(random: Random, { values }: Node): string {
  return random.pick(random.chance(0.01) ? WRONG : values)
}

function randomLogic(random: Random, node: Node, depth: number): string {
  const conditions = Array.from({ length: 1 + random.below(4) }, () =>
    depth > 0 && random.chance(0.4)
      ? randomLogic(random, node, depth - 1)
      : `${random.pick(node.fields)}.${randomCondition(random, node)}`,
  )
  return `${random.pick(['and', 'or', 'not.and'])}(${conditions})`
}

/** The path of a list, and the headers that go with it. */
export function randomQuery(random: Random): { path: string; headers: Record<string, string> } {
  const entity = random.pick(Object.keys(ENTITIES))
  const node = ENTITIES[entity] as Node
  const parts = [`select=${randomItems(random, entity, random.below(5))}`]
  for (let n = random.below(20); n > 0; n--)
    parts.push(`${random.pick(node.fields)}=${randomCondition(random, node)}`)
  if (random.chance(0.4)) parts.push(randomLogic(random, node, 4).replace(/^([a-z.]+)\(/, '$1=('))
  const order = Array.from({ length: random.below(4) }, () => `${random.pick(node.fields)}.desc`)
  if (order.length > 0) parts.push(`order=${order}`)
  parts.push(`limit=${random.pick([0, 1, 34, 1000])}`)
  return {
    path: `/${entity}/?${parts.join('&')}`,
    headers: { prefer: random.pick(PREFERENCES), accept: random.pick(ACCEPTED) },
  }
}
