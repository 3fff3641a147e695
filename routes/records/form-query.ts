// Queries in a body: the query string of a list as a form, for one that is too long for a URL.
import type { FastifyRequest } from 'fastify'
import { requirePlain } from '../../lib/http/content-encoding.ts'
import { decodeBody } from '../../lib/http/json-body.ts'

/** The route that takes them. */
export const QUERY_URL = '/:entity/query'

export const FORM_TYPE = 'application/x-www-form-urlencoded'

const PLACE = /^(?:cursor|offset)=/

/** Parses the body to the text of a query string. */
export async function parseForm({ headers }: FastifyRequest, bytes: Buffer): Promise<string> {
  requirePlain(headers)
  return decodeBody(bytes)
}

/** The URL with the parameters of the body behind its own. Its cursor or offset replaces that of the body: so a next page is asked for. */
export function urlWithForm(url: string, body: string): string {
  const at = url.includes('?') ? url.indexOf('?') : url.length
  const own = url.slice(at + 1).split('&')
  const isPlaced = own.some((pair) => PLACE.test(pair))
  const pairs = body
    .trim()
    .split('&')
    .filter((pair) => !isPlaced || !PLACE.test(pair))
  return `${url.slice(0, at)}?${[...own, ...pairs].filter((pair) => pair !== '').join('&')}`
}
