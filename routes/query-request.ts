// Parses the query string and the Prefer header of a request.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Query } from '../lib/query/ast.ts'
import { type Preferences, parsePrefer, preferenceApplied } from '../lib/query/prefer.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** The query of a URL; the text after `?` is parsed undecoded. */
export function queryOf({ plans }: FastifyInstance, url: string): Query {
  const at = url.indexOf('?')
  return plans.parse(at === -1 ? '' : url.slice(at + 1))
}

/** The request's preferences; those that the route honours are echoed in Preference-Applied. */
export function preferencesOf(
  { headers }: Pick<FastifyRequest, 'headers'>,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Preferences {
  if (headers.prefer === undefined) return {}
  const preferences = parsePrefer(headers.prefer)
  const applied = preferenceApplied(preferences, [...honoured, 'handling'])
  if (applied !== undefined) reply.header('preference-applied', applied)
  return preferences
}
