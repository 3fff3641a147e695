// Plans that many requests share: those that follow from the query's text, the shape of the entity and the fields that
// may be seen, and from nothing else of entity and caller. Planning anew and writing the SQL would cost a quarter of the
// server's time for a small read. Bounded, whatever the number of shapes and queries and the size of either.
import { LRUCache } from 'lru-cache'
import { Doorkeeper } from '../cache/doorkeeper.ts'
import { readableForm } from '../entities/read-shape.ts'
import type { Query } from '../query/ast.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import type { Actor } from './actor.ts'

const QUERIES = 500

const PLANS = 2000

/** Fields of their entities, all together: a plan takes some 300 bytes for each. */
const PLANNED_FIELDS = 100_000

/** Shapes. */
const REMEMBERED = 4096

/** Long ones are seldom asked twice. */
const LONGEST_QUERY = 500

const queries = new LRUCache<string, Query>({ max: QUERIES })

const plans = new LRUCache<string, object>({ max: PLANS, maxSize: PLANNED_FIELDS })

/** Of the queries that may come back. */
const serials = new WeakMap<Query, number>()

let lastSerial = 0

/** As parseQuery; what is asked often is the same object every time. */
export function knownQuery(search: string): Query {
  if (search.length > LONGEST_QUERY) return parseQuery(search)
  const known = queries.get(search)
  if (known !== undefined) return known
  const query = parseQuery(search)
  queries.set(search, query)
  serials.set(query, ++lastSerial)
  return query
}

/** The query that asks for everything. */
export const WHOLE_RECORD = knownQuery('')

/** Shapes that come back: the next request for any other is likely to be for yet another. */
const returning = new Doorkeeper(REMEMBERED)

/** What can be exact in a number. */
const numberOf = (shape: string) => Number.parseInt(shape.slice(0, 13), 16)

/**
 * Whether what is made of the query depends on nothing but the entity's shape and the permission for it: not on other
 * entities, and not on the entity itself as a cursor does, which is good for one alone.
 */
function isShared({ policy }: Actor, query: Query): boolean {
  const alone = query.cursor === undefined && query.select.every(({ kind }) => kind !== 'embed')
  return alone && policy.read === true
}

/**
 * What `make` makes of the query for this actor, made once for all who may see the same of an entity of this shape; they
 * get it as it was made for the first of them.
 *
 * @param purpose tells apart what is made of the same query
 * @param make is given the actor; of an entity whose plan is to be shared nothing that others could not know
 */
export function cachedPlan<T extends object>(
  purpose: string,
  actor: Actor,
  query: Query,
  make: (actor: Actor) => T,
): T {
  const { entity, policy } = actor
  const serial = serials.get(query)
  if (serial === undefined || entity.shape === undefined || !isShared(actor, query)) return make(actor)
  const key = `${purpose} ${entity.shape} ${policy.view} ${serial}`
  const known = plans.get(key) as T | undefined
  if (known !== undefined) return known
  if (!returning.passes(numberOf(entity.shape))) return make(actor)
  const made = make({ ...actor, entity: readableForm(entity) })
  plans.set(key, made, { size: 1 + entity.fields.length })
  return made
}
