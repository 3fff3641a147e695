// Parses the query string and the Prefer header of a request.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Query } from '../lib/query/ast.ts'
import { type Preferences, parsePrefer, preferenceApplied } from '../lib/query/prefer.ts'
import { knownQuery } from '../lib/records/plan-cache.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** The request's query; the text after `?` is parsed undecoded. */
export function queryOf({ url }: Pick<FastifyRequest, 'url'>): Query {
  const at = url.indexOf('?')
  return knownQuery(at === -1 ? '' : url.slice(at + 1))
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
