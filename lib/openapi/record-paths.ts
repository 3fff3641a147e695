// The operations on records, for the wildcard routes in the document without a token and for each entity of a caller's tenant.
// A test holds them to the routes that exist.

import { collectionOperations, query } from './collection-operations.ts'
import { historyPaths } from './history-operations.ts'
import { parameters, type RecordApi } from './record-api.ts'
import { recordOperations } from './record-operations.ts'
import type { Paths } from './reference.ts'

/** The operations on the records of an entity. */
export function recordPaths(api: RecordApi): Paths {
  const collection = collectionOperations(api)
  const shared = api.parameters
  return {
    [`/${api.segment}/`]: shared.length === 0 ? collection : { parameters: shared, ...collection },
    [`/${api.segment}/query`]: shared.length === 0 ? query(api) : { parameters: shared, ...query(api) },
    [`/${api.segment}/{id}`]: {
      parameters: [...shared, ...parameters('RecordId')],
      ...recordOperations(api),
    },
    ...historyPaths(api),
  }
}
