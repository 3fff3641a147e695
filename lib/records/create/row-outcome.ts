// The outcome of one row under `bulk=partial`, as JSON.

import type { Violation } from '../../errors/problem.ts'
import type { RowOutcome } from './row.ts'

/**
 * `{status, record}` or `{status, errors}`, the status as if the row had been sent alone.
 *
 * @param outcome that of storing the row, or the violations that kept it from being tried
 * @param represents whether the record is returned
 */
export function outcomeJson(outcome: RowOutcome | { violations: Violation[] }, represents: boolean): string {
  if ('row' in outcome) {
    const status = outcome.created ? 201 : 200
    const isReturned = represents && outcome.row !== undefined
    return isReturned ? `{"status":${status},"record":${outcome.row?.record}}` : `{"status":${status}}`
  }
  const status = 'refusal' in outcome ? outcome.refusal.kind.status : 400
  return JSON.stringify({ status, errors: outcome.violations })
}
