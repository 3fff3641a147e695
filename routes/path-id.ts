// The id in a route's path.
import { validate as isUuid } from 'uuid'
import type { Problem } from '../lib/errors/problem.ts'

/** The JSON Schema of the params of a path that ends in `:id`. */
export const pathId = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }

/** The id in lower case; a text that is not a UUID identifies nothing and is refused as `notFound`. */
export function idOf({ params: { id } }: { params: { id: string } }, notFound: () => Problem): string {
  if (!isUuid(id)) throw notFound()
  return id.toLowerCase()
}
