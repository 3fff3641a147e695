// Pages of lists other than those of records: `limit` and `offset` in, the rows of the page out, with Content-Range and the
// Link to the next page in the reply. Refuses any other parameter.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RowRange } from '../lib/db/row-range.ts'
import { nextLink } from '../lib/http/next-link.ts'
import { contentRange } from '../lib/query/sql/page.ts'

/** The request of a list whose querystring `page` has validated. */
export type PageRequest = FastifyRequest<{ Querystring: Partial<RowRange> }>

export const page = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: { type: 'integer', minimum: 0, description: 'Number of rows to skip.' },
  },
}

/**
 * Reads a page of a list and sets the reply's Content-Range and Link.
 *
 * @param read reads the rows of a range
 */
export async function readPage<T>(
  { query, server, url }: PageRequest,
  reply: FastifyReply,
  read: (range: RowRange) => Promise<T[]>,
): Promise<T[]> {
  const { DEFAULT_LIMIT, MAX_LIMIT } = server.settings
  const offset = Math.min(query.offset ?? 0, Number.MAX_SAFE_INTEGER - MAX_LIMIT)
  const size = Math.min(query.limit ?? DEFAULT_LIMIT, MAX_LIMIT)
  const rows = await read({ limit: size + 1, offset })
  const shown = rows.slice(0, size)
  reply.header('content-range', contentRange(offset, shown.length))
  if (rows.length > size && size > 0) reply.header('link', nextLink(url, 'offset', offset + size))
  return shown
}
