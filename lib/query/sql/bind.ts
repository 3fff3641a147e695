// SQL: how a value enters a statement: as a parameter with its type written out, so that PostgreSQL never has to guess.
import type { Parameters } from '../../postgres/parameters.ts'

export type SqlType = 'text' | 'uuid' | 'timestamptz' | 'bigint' | 'text[]' | 'uuid[]' | 'timestamptz[]'

/** Adds a value and gives the text that stands for it. */
export function bind(params: Parameters, value: unknown, type: SqlType): string {
  return `${params.add(value)}::${type}`
}
