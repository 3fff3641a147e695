// Parses the query string and the Prefer header of a request.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Preferences, parsePrefer, preferenceApplied } from '../lib/query/prefer.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** The query string of a URL, undecoded. */
export const searchOf = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

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
