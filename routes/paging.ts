// Pages of the lists that are no records: `limit` and `offset` in, the rows of the page, Content-Range and the Link to the
// next one out. Any other parameter is refused.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { nextLink } from '../lib/http/next-link.ts'
import { contentRange } from '../lib/query/sql/page.ts'

export const page = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: { type: 'integer', minimum: 0, description: 'How many to skip.' },
  },
}

/**
 * Reads a page of a list and says in the reply's headers where it is.
 *
 * @param read gives at most `limit` rows after the first `offset`
 */
export async function readPage<T>(
  { query, server, url }: FastifyRequest,
  reply: FastifyReply,
  read: (limit: number, offset: number) => Promise<T[]>,
): Promise<T[]> {
  const { DEFAULT_LIMIT, MAX_LIMIT } = server.settings
  const { limit = DEFAULT_LIMIT, ...from } = query as { limit?: number; offset?: number }
  const offset = Math.min(from.offset ?? 0, Number.MAX_SAFE_INTEGER - MAX_LIMIT)
  const size = Math.min(limit, MAX_LIMIT)
  const rows = await read(size + 1, offset)
  const shown = rows.slice(0, size)
  reply.header('content-range', contentRange(offset, shown.length))
  if (rows.length > size && size > 0) reply.header('link', nextLink(url, 'offset', offset + size))
  return shown
}
