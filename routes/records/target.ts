// What a request for records does, and which parts of a query fit it.
import type { FastifyRequest } from 'fastify'
import type { Verb } from '../../lib/access/permission.ts'
import type { Problem } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import type { Query } from '../../lib/query/ast.ts'
import { QUERY_URL } from './form-query.ts'

/** What reads and changes the history of records. */
export const HISTORY_URL = '/:entity/:id/history'

export const RESTORE_URL = '/:entity/:id/restore'

export const TRASH_URL = '/:entity/trash'

export const CHANGES_URL = '/:entity/changes'

/** What a request does, to one record by its id, to those that a query selects, or to those that its rows name. */
export interface Target {
  verb: Verb
  byId: boolean
  /** The body is a list of changes, each of which names its record. */
  namesRows: boolean
}

/** The verb of the permission that a route or else a method needs; the others need `read`. */
const VERB_OF: Readonly<Record<string, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
  [QUERY_URL]: 'read',
  // What else they need depends on the record.
  [RESTORE_URL]: 'read',
  [TRASH_URL]: 'delete',
  [HISTORY_URL]: 'read',
}

const NO_PAGE = 'A write takes no limit, offset or cursor; see Prefer: max-affected.'

/** Why a request takes no such part of a query; undefined: it does. */
export function noPart(part: string, { verb }: Target): string | undefined {
  return part === 'page' && verb !== 'read' ? NO_PAGE : undefined
}

/** The verb of the permission that a request needs. */
export function verbOf({ method, routeOptions }: Pick<FastifyRequest, 'method' | 'routeOptions'>): Verb {
  return VERB_OF[routeOptions.url ?? ''] ?? VERB_OF[method] ?? 'read'
}

export function targetOf(request: FastifyRequest): Target {
  const verb = verbOf(request)
  const byId = 'id' in (request.params as object)
  return { verb, byId, namesRows: verb === 'update' && !byId && Array.isArray(request.body) }
}

export const takesNoFilter = ({ byId, verb }: Pick<Target, 'byId' | 'verb'>) => byId || verb === 'create'

export function refuseFilter({ byId }: Pick<Target, 'byId'>): never {
  throw errors.malformedQuery(
    byId ? 'A record that is named by its id takes no filter.' : 'A POST takes no filter.',
  )
}

/** errors.malformedQuery for parts of a query that the route does not take, errors.filterRequired for one that it needs. */
export function requireFitting(query: Query, { verb, byId, namesRows }: Target): void {
  const { where, limit, offset, cursor } = query
  const isFiltered = where.length > 0
  if (isFiltered && takesNoFilter({ byId, verb })) refuseFilter({ byId })
  if (byId || verb === 'read') return
  // An insert passes `limit` and `offset` over, as in PostgREST: its clients send them before they ask for one record.
  const isPaged = verb !== 'create' && (limit !== undefined || offset !== undefined)
  if (isPaged || cursor !== undefined) throw errors.malformedQuery(NO_PAGE)
  if (namesRows) requireUnfiltered(isFiltered)
  else if (verb !== 'create' && !isFiltered) throw unfiltered(query, verb)
}

/** The refusal of a write without a filter, or with filters on nothing that is there: `foo.name=eq.a`. */
function unfiltered({ select, embedded }: Query, verb: Verb): Problem {
  const names = select.flatMap((item) => (item.kind === 'embed' ? [item.alias ?? item.name, item.name] : []))
  const unknown = [...embedded.keys()].find((name) => !names.includes(name))
  if (unknown !== undefined) return errors.notEmbedded(unknown, [...new Set(names)])
  return errors.filterRequired(verb === 'delete' ? 'DELETE' : 'PATCH')
}

/** errors.malformedQuery for a filter beside rows that name their records. */
function requireUnfiltered(isFiltered: boolean): void {
  const hint =
    'Leave the filter out: each object of an array names its record. Or send one object, to change all records that match the filter.'
  if (isFiltered) throw errors.malformedQuery('A PATCH takes either a filter or an array, not both.', hint)
}
