// An operation as requests to either side.

import type { Request } from '../load.ts'
import { type Operation, queryNames, slugOf, type Values } from './operation.ts'
import type { Pool } from './pool.ts'

function queryOf(operation: Operation, values: Values): string {
  const names = queryNames(operation, values)
  const pairs = names.flatMap((name) => [values[name]].flat().map((value) => [name, String(value)]))
  return new URLSearchParams(pairs as [string, string][]).toString()
}

/** The same question, with new values, for both. */
export function question(operation: Operation, pool: Pool): { univera: Request; byHand: Request } {
  const { method = 'GET' as const, prefer, body } = operation
  const values = operation.draw(pool)
  const common = { method, ...(body && { body: body(values) }) }
  const headers: Record<string, string> = prefer === undefined ? {} : { prefer }
  return {
    univera: { ...common, headers, path: operation.univera(values, pool) },
    byHand: { ...common, path: `${slugOf(operation)}?${queryOf(operation, values)}` },
  }
}
