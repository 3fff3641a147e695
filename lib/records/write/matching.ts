// A collection write: the records that a filter selects, restricted to those the caller may write, within max-affected.

import { conditionOf, type RowRule } from '../../access/policy.ts'
import type { Parameters } from '../../db/parameters.ts'
import { errors } from '../../errors.ts'
import type { Selection } from '../../query/plan/level-plan.ts'
import { conditionSql } from '../../query/sql/condition.ts'
import { scopeSql } from '../../query/sql/list.ts'
import { Row } from '../../query/sql/row.ts'
import type { ReturnPlan } from '../return-plan.ts'
import type { Where } from './update-sql.ts'
import type { WrittenRow } from './written-row.ts'

export interface Collection {
  /** The records, as the plan stage has understood the filter. */
  scope: Selection
  /** More records than this are left alone, all of them. */
  maxAffected: number | undefined
  /** The write must concern exactly one record. */
  single: boolean
  rollback: boolean
  answer: ReturnPlan
}

/** What a collection write has come to. */
export interface Affected {
  /** Empty where the answer holds no records. */
  rows: WrittenRow[]
  /** Records that were written. */
  count: number
}

/** The picked records that are among the rows which the caller may touch. */
export function whereAllowed(rows: RowRule, { scope }: Collection): Where {
  const rule = conditionOf(rows)
  return (p: Parameters) => {
    const row = new Row(p)
    const picked = scopeSql(scope, row)
    return rule === undefined ? picked : `${picked} and ${conditionSql(rule, row)}`
  }
}

/** Records that a collection write may concern. */
export function mostAffected({ maxAffected = Number.POSITIVE_INFINITY, single }: Collection): number {
  return single ? 1 : maxAffected
}

/** errors.notSingular, errors.maxAffectedExceeded. */
export function checkAffected(
  count: number,
  { maxAffected, single }: Pick<Collection, 'maxAffected' | 'single'>,
): void {
  if (single && count !== 1) throw errors.notSingular(count)
  if (maxAffected !== undefined && count > maxAffected) throw errors.maxAffectedExceeded(maxAffected, count)
}
