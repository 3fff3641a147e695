// How many records a query matches: exactly, or as `planned` and `estimated` ask, exactly up to a bound. PostgreSQL's own
// estimate is no answer here: it is made from statistics of all tenants' records together, so it would tell what values
// others have.
// https://docs.postgrest.org/en/stable/references/api/pagination_count.html

import type { Statement } from '../../db/statement.ts'
import type { ListPlan } from '../../query/plan/plan-list.ts'
import type { Preferences } from '../../query/prefer.ts'
import { countSql, matchSql } from '../../query/sql/list.ts'
import type { Actor, RecordContext } from '../actor.ts'

/** Records that an estimate counts; more are reported as this many. */
export const ESTIMATE_LIMIT = 100_000

/** The number of records, or of groups, that the plan matches, whatever its page. */
export async function countRecords(
  { db }: RecordContext,
  { caller, isAbandoned }: Actor,
  plan: ListPlan,
  how: NonNullable<Preferences['count']>,
): Promise<number> {
  const isExact = how === 'exact' || plan.kind === 'groups'
  const statement = isExact ? countSql(plan) : boundedCount(matchSql(plan))
  const [row] = await db.read(caller.tenant, { ...statement, isAbandoned })
  return Number(row?.[0])
}

function boundedCount({ text, values }: Statement): Statement {
  return { text: `select count(*) from (${text} limit ${ESTIMATE_LIMIT}) x`, values }
}
