// What is measured: one question, as a request to Univera and as the statement of a server written by hand.

import type { Pool } from './pool.ts'

export type Value = string | number | boolean | null | number[]

export type Values = Record<string, Value>

export interface ByHand<Form> {
  /** Takes the values in the order in which they are drawn. */
  sql: string
  /** A second statement, with the same values, that counts all that match. */
  count?: string
  /** The JSON Schema of a row. */
  row: Form
}

export interface Operation<V extends Values = Values> {
  name: string
  /** The most that Univera may cost, as a multiple of the server written by hand. */
  bound?: number
  method?: 'POST' | 'PATCH'
  /** The answer is one record, not a list. */
  single?: true
  /** Many records are equal in its order; by hand, nothing decides between them. */
  tied?: true
  draw(pool: Pool): V
  univera(values: V, pool: Pool): string
  prefer?: string
  /** The values that are the body, on either side. */
  body?(values: V): object
  byHand: ByHand<object>
}

/** Lets `univera` and `body` see the types of what `draw` returns. */
export function operation<V extends Values>(given: Operation<V>): Operation {
  return given as unknown as Operation
}

/** The path at the server written by hand. */
export const slugOf = ({ name }: Operation): string => `/${name.replaceAll(/[^a-z0-9]+/g, '-')}`

/** The names of the values that the query string holds there. */
export function queryNames({ body }: Operation, values: Values): string[] {
  const inBody = body?.(values) ?? {}
  return Object.keys(values).filter((name) => !Object.hasOwn(inBody, name))
}
