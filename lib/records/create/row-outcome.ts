// What became of one row under `bulk=partial`, as JSON.

import type { Violation } from '../../errors/problem.ts'
import type { RowOutcome } from './row.ts'

/**
 * `{status, record}` or `{status, errors}`, the status as if the row had been sent alone.
 *
 * @param outcome what storing it came to, or what stood against it before
 * @param represents whether the record is told
 */
export function outcomeJson(outcome: RowOutcome | { violations: Violation[] }, represents: boolean): string {
  if ('row' in outcome) {
    const status = outcome.created ? 201 : 200
    const told = represents && outcome.row !== undefined
    return told ? `{"status":${status},"record":${outcome.row?.record}}` : `{"status":${status}}`
  }
  const status = 'refusal' in outcome ? outcome.refusal.kind.status : 400
  return JSON.stringify({ status, errors: outcome.violations })
}
