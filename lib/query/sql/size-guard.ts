// SQL: bounds the text that a statement puts together, before it does. In a record that repeats or embeds much every piece
// is counted; in a related list every record as it is added.

import type { GroupOutput } from '../plan/level-plan.ts'
import { countLists, weightOf } from '../plan/weight.ts'

export interface SizeGuard {
  /** Whether every piece of a record is counted, by within_answer, which raises ANSWER_TOO_LARGE. */
  heavy: boolean
  /** Most bytes of one related list. */
  list: number
}

/** Output records of at most so many stored records need no counting. */
const LIGHT = 16

/** Bytes of a related list, and of all that one record may have. */
const ONE_LIST = 2 ** 25
const ALL_LISTS = 2 ** 26

export function sizeGuardOf(outputs: readonly GroupOutput[]): SizeGuard {
  const lists = Math.max(1, countLists(outputs))
  return { heavy: weightOf(outputs) > LIGHT, list: Math.min(ONE_LIST, Math.floor(ALL_LISTS / lists)) }
}

/** A piece of text, counted if the guard requires it. */
export function guardedSql(sql: string, guard: SizeGuard | undefined): string {
  return guard?.heavy ? `within_answer(${sql})` : sql
}

/**
 * The JSON array of the records that a select gives in its column `record`. A running total costs next to nothing and ends
 * the statement at the first record beyond the limit. Lists in lists multiply: these are counted together, each as a whole.
 *
 * @param depth of the records among the lists of the statement; 1: they are related to those of the root
 */
export function guardedListSql(records: string, { list }: SizeGuard, depth = 1): string {
  const counted = `select record, sum(octet_length(record)) over (rows unbounded preceding) as size from (${records}) x`
  const guarded = `case when size > ${list} then refuse_answer() else record end`
  const whole = `(select coalesce('[' || string_agg(${guarded}, ',') || ']', '[]') from (${counted}) y)`
  return depth > 1 ? `within_answer(${whole})` : whole
}

/**
 * As guardedListSql for several columns v0, v1, ..., without brackets: `from` adds the running total to a select, `columns` are the
 * lists, '' if there are no rows.
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
