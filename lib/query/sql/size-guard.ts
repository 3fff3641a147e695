// SQL: bounds the text that a statement puts together, before it is put together. One record of an answer that repeats or
// embeds much counts every piece; a related list counts its records as they are added.

import type { GroupOutput } from '../plan/level-plan.ts'
import { countLists, weightOf } from '../plan/weight.ts'

export interface SizeGuard {
  /** Whether every piece of a record is counted: within_answer raises ANSWER_TOO_LARGE. */
  heavy: boolean
  /** Bytes that one related list may have. */
  list: number
}

/** Up to so many records' content in one output record need no counting. */
const LIGHT = 16

/** Bytes of a related list, and of all that one record may have. */
const ONE_LIST = 2 ** 25
const ALL_LISTS = 2 ** 26

export function sizeGuardOf(outputs: readonly GroupOutput[]): SizeGuard {
  const lists = Math.max(1, countLists(outputs))
  return { heavy: weightOf(outputs) > LIGHT, list: Math.min(ONE_LIST, Math.floor(ALL_LISTS / lists)) }
}

/** A piece of text as the guard lets it pass. */
export function guardedSql(sql: string, guard: SizeGuard | undefined): string {
  return guard?.heavy ? `within_answer(${sql})` : sql
}

/**
 * The JSON array of the records that a select gives in its column `record`. A running total costs next to nothing and ends
 * the statement at the first record beyond the limit.
 */
export function guardedListSql(records: string, { list }: SizeGuard): string {
  const counted = `select record, sum(octet_length(record)) over (rows unbounded preceding) as size from (${records}) x`
  const guarded = `case when size > ${list} then refuse_answer() else record end`
  return `(select coalesce('[' || string_agg(${guarded}, ',') || ']', '[]') from (${counted}) y)`
}

/**
 * As guardedListSql, of the columns v0, v1, ... of a select, without brackets: `from` puts the running total beside them, and each
 * of `columns` is the list of one, '' when there are no rows.
 */
export function guardedListsSql(count: number, { list }: SizeGuard) {
  const names = Array.from({ length: count }, (_, at) => `v${at}`)
  const size = names.map((name) => `octet_length(${name})`).join(' + ')
  const guarded = (name: string, at: number) =>
    at === 0 ? `case when size > ${list} then refuse_answer() else ${name} end` : name
  return {
    from: (rows: string) => `select *, sum(${size}) over (rows unbounded preceding) as size from (${rows}) x`,
    columns: names.map((name, at) => `coalesce(string_agg(${guarded(name, at)}, ','), '')`),
  }
}
