// Converts the rows of a list to a page: its records, its Content-Range and the cursor of the next page.

import type { TextRow } from '../../db/statement.ts'
import { encodeCursor, hashOrder } from '../plan/cursor.ts'
import type { ListPlan } from '../plan/plan-list.ts'

export interface Page {
  /** The finished JSON of each record. */
  records: string[]
  /** Absent on the last page. */
  nextCursor?: string
  /** Instead, where the records are groups. */
  nextOffset?: number
  contentRange: string
}

/** Makes the page of the rows that `listSql` gave; `total` when the client asked for a count. */
export function toPage(plan: ListPlan, rows: readonly TextRow[], total?: number): Page {
  const kept = rows.slice(0, plan.limit)
  const page = {
    records: kept.map(([record]) => record as string),
    contentRange: contentRange(plan.offset, kept.length, total),
  }
  const last = kept.at(-1)
  if (last === undefined || rows.length === kept.length) return page
  if (plan.kind === 'groups') return { ...page, nextOffset: plan.offset + kept.length }
  return { ...page, nextCursor: encodeCursor(hashOrder(plan.entity, plan.order), last.slice(1) as string[]) }
}

/** `first-last/total`, `*` for what is not known; after a cursor counting starts again at 0. */
export function contentRange(offset: number, count: number, total?: number): string {
  const range = count === 0 ? '*' : `${offset}-${offset + count - 1}`
  return `${range}/${total ?? '*'}`
}
