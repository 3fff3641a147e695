// Plans that many requests share: those that follow from the query's text and the fields that may be seen, and from
// nothing else of the caller. Planning anew and writing the SQL would cost a quarter of the server's time for a small
// read. Bounded, whatever the number of entities and queries and the size of either.
import { LRUCache } from 'lru-cache'
import type { Query } from '../query/ast.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import { Doorkeeper } from '../schema/doorkeeper.ts'
import type { Actor } from './actor.ts'

const QUERIES = 500
const PLANS = 2000
/** Fields of their entities, all together: a plan takes some 300 bytes for each. */
const PLANNED_FIELDS = 100_000
/** Entities. */
const REMEMBERED = 4096
/** Long ones are seldom asked twice. */
const LONGEST_QUERY = 500

const queries = new LRUCache<string, Query>({ max: QUERIES })
const plans = new LRUCache<string, object>({ max: PLANS, maxSize: PLANNED_FIELDS })

/** As parseQuery; what is asked often is the same object every time. */
export function knownQuery(search: string): Query {
  if (search.length > LONGEST_QUERY) return parseQuery(search)
  const known = queries.get(search)
  if (known !== undefined) return known
  const query = parseQuery(search)
  queries.set(search, query)
  return query
}

/** The query that asks for everything. */
export const WHOLE_RECORD = knownQuery('')

const serials = new WeakMap<object, number>()
let lastSerial = 0

function numbered(thing: object): number {
  serials.set(thing, ++lastSerial)
  return lastSerial
}

/** Entities that come back: of the others the next request has an object of its own. */
const returning = new Doorkeeper(REMEMBERED)

/**
 * What `make` makes of the query for this actor, made once for all who may see the same of an entity in use.
 *
 * @param purpose tells apart what is made of the same query
 */
export function planned<T extends object>(purpose: string, actor: Actor, query: Query, make: () => T): T {
  const { entity, policy } = actor
  const shared = policy.read === true && query.select.every(({ kind }) => kind !== 'embed')
  const serial = serials.get(policy.visible)
  if (!shared || (serial === undefined && !returning.passes(entity.id))) return make()
  const key = `${purpose} ${serial ?? numbered(policy.visible)} ${serials.get(query) ?? numbered(query)}`
  const known = plans.get(key) as T | undefined
  if (known !== undefined) return known
  const made = make()
  plans.set(key, made, { size: 1 + policy.visible.fields.length })
  return made
}
