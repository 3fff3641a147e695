// Plans that many requests share: those that follow from the query's text, the shape of the entity and the fields that
// may be seen, and from nothing else of entity and caller. Planning and writing the SQL for each request would cost a quarter
// of the server's time for a small read. Bounded, whatever the number of shapes and queries and the size of either.
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

/** Longer ones rarely come twice. */
const LONGEST_QUERY = 500

const queries = new LRUCache<string, Query>({ max: QUERIES })

const plans = new LRUCache<string, object>({ max: PLANS, maxSize: PLANNED_FIELDS })

/** The numbers of those known queries whose plans may be shared. */
const serials = new WeakMap<Query, number>()

let lastSerial = 0

/** As parseQuery; a query that comes again is the same object. */
export function knownQuery(search: string): Query {
  if (search.length > LONGEST_QUERY) return parseQuery(search)
  const known = queries.get(search)
  if (known !== undefined) return known
  const query = parseQuery(search)
  queries.set(search, query)
  if (isSelfContained(query)) serials.set(query, ++lastSerial)
  return query
}

/**
 * Whether the plan of a query depends on nothing but the entity's shape and the permission for it: not on other entities,
 * and not on the entity itself as that of a cursor does, which belongs to one list alone.
 */
function isSelfContained({ cursor, select }: Query): boolean {
  return cursor === undefined && select.every(({ kind }) => kind !== 'embed')
}

/** The query for whole records. */
export const WHOLE_RECORD = knownQuery('')

/** Lets in shapes that come back: the next request for any other is likely to be for yet another. */
const returning = new Doorkeeper(REMEMBERED)

/** As much of a shape's digest as a number holds exactly. */
const numberOf = (shape: string) => Number.parseInt(shape.slice(0, 13), 16)

/**
 * The plan that `make` makes of the query for this actor: made once for all that may see the same of an entity of this shape.
 *
 * @param purpose tells apart the plans of one query
 * @param make takes the actor; where the plan is shared, with an entity that has nothing beside its shape
 */
export function cachedPlan<T extends object>(
  purpose: string,
  actor: Actor,
  query: Query,
  make: (actor: Actor) => T,
): T {
  const { entity, policy } = actor
  const serial = serials.get(query)
  if (serial === undefined || entity.shape === undefined || policy.read !== true) return make(actor)
  const key = `${purpose} ${entity.shape} ${policy.view} ${serial}`
  const known = plans.get(key) as T | undefined
  if (known !== undefined) return known
  if (!returning.passes(numberOf(entity.shape))) return make(actor)
  const made = make({ ...actor, entity: readableForm(entity) })
  plans.set(key, made, { size: 1 + entity.fields.length })
  return made
}
