// The query stage of requests for records: parsed by the grammar, and held against what the route takes. Refuses parts of a
// query that the route does not take, and a write of many records without a filter.
import type { FastifyRequest } from 'fastify'
import type { Verb } from '../../lib/access/permission.ts'
import type { Problem } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import { withRange } from '../../lib/http/items-range.ts'
import { advise } from '../../lib/query/advice/advise.ts'
import { recordSubject } from '../../lib/query/advice/record-subject.ts'
import type { Query } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { UnreadParameter } from '../../lib/query/parse/unread.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import { type Actor, planContext, withEntities } from '../../lib/records/actor.ts'
import { searchOf } from '../query-request.ts'
import { QUERY_URL, urlWithForm } from './form-query.ts'

/** What a route does, to one record by its id, or to those that a query selects or a body holds. */
export interface Target {
  verb: Verb
  byId: boolean
}

const NO_PAGE = 'A write takes no limit, offset or cursor; see Prefer: max-affected.'

export interface AskedQuery {
  asked: Query
  /** For the next page. */
  url: string
}

/**
 * The query of the URL, or of the URL and a form; errors.malformedQuery, errors.filterRequired, and for a parameter that is
 * none errors.unknownParameter with advice for the actor.
 */
export async function readQuery(request: FastifyRequest, actor: Actor, target: Target): Promise<AskedQuery> {
  const { range } = request.headers
  const { server } = request
  // A JSON body may be a string, too.
  const form = request.routeOptions.url === QUERY_URL ? String(request.body ?? '') : undefined
  const whole = form === undefined ? request.url : urlWithForm(request.url, form)
  const isList = target.verb === 'read' && !target.byId
  const url = isList && range !== undefined ? withRange(whole, range) : whole
  try {
    const search = searchOf(url)
    const asked =
      form === undefined ? server.plans.parse(search) : parseQuery(search, server.settings.BODY_LIMIT)
    requireFitting(asked, target, request.body)
    // The next page of a query in a body is asked for with the same body.
    return { asked, url: form === undefined ? url : request.url }
  } catch (error) {
    throw await advisedOn(error, { request, actor, target, url })
  }
}

const takesNoFilter = ({ byId, verb }: Target) => byId || verb === 'create'

function refuseFilter({ byId }: Pick<Target, 'byId'>): never {
  throw errors.malformedQuery(
    byId ? 'A record that is named by its id takes no filter.' : 'A POST takes no filter.',
  )
}

/** errors.malformedQuery for parts of a query that the route does not take, errors.filterRequired for one that it needs. */
function requireFitting(query: Query, { verb, byId }: Target, body: unknown): void {
  const { where, limit, offset, cursor } = query
  const isFiltered = where.length > 0
  if (isFiltered && takesNoFilter({ byId, verb })) refuseFilter({ byId })
  if (byId || verb === 'read') return
  // An insert passes `limit` and `offset` over, as in PostgREST: its clients send them before they ask for one record.
  const isPaged = verb !== 'create' && (limit !== undefined || offset !== undefined)
  if (isPaged || cursor !== undefined) throw errors.malformedQuery(NO_PAGE)
  // The body is a list of changes, each of which names its record.
  if (verb === 'update' && Array.isArray(body)) requireUnfiltered(isFiltered)
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

/** Why a request takes no such part of a query; undefined: it does. */
function noPart(part: string, { verb }: Target): string | undefined {
  return part === 'page' && verb !== 'read' ? NO_PAGE : undefined
}

interface Refused {
  request: FastifyRequest
  actor: Actor
  target: Target
  /** With the query. */
  url: string
}

/** The refusal of a query that could not be parsed; of a parameter that is not of the grammar with advice for caller and entity. */
async function advisedOn(error: unknown, { request, actor, target, url }: Refused): Promise<unknown> {
  if (!(error instanceof UnreadParameter)) return error
  const { registry, pageLimits } = request.server
  const entities = await registry.entitiesByName(actor.caller.tenant)
  const context = planContext(withEntities(actor, entities), pageLimits)
  const accept = (spelling: string) => {
    const query = parseQuery(spelling)
    requireFitting(query, target, request.body)
    if (takesNoFilter(target) && !spelling.startsWith('select=')) refuseFilter(target)
    planList(query, context)
  }
  const subject = { ...recordSubject(context), takesNo: (part: string) => noPart(part, target) }
  const advised = advise(error, { subject, search: searchOf(url), accept })
  if (takesNoFilter(target) && !advised.extras.hint?.startsWith('Write ')) refuseFilter(target)
  return advised
}
