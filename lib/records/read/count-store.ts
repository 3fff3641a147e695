// Counts the records that a query matches as Prefer: count asks: exactly, by the planner's estimate, or exactly up to a page
// and by the estimate beyond.
// https://docs.postgrest.org/en/stable/references/api/pagination_count.html

import type { Statement } from '../../db/statement.ts'
import type { ListPlan } from '../../query/plan/plan-list.ts'
import type { Preferences } from '../../query/prefer.ts'
import { countSql, matchSql } from '../../query/sql/list.ts'
import type { Actor, RecordContext } from '../actor.ts'

async function estimatedCount(
  { db }: RecordContext,
  { caller }: Actor,
  { text, values }: Statement,
): Promise<number> {
  const [row] = await db.read(caller.tenant, { text: `explain (format json) ${text}`, values })
  const [{ Plan: plan }] = JSON.parse(row?.[0] ?? '') as [{ Plan: { 'Plan Rows': number } }]
  return plan['Plan Rows']
}

async function exact({ db }: RecordContext, { caller }: Actor, statement: Statement): Promise<number> {
  const [row] = await db.read(caller.tenant, statement)
  return Number(row?.[0])
}

/** The number of records, or of groups, that the plan matches, whatever its page. */
export async function countRecords(
  stores: RecordContext,
  actor: Actor,
  plan: ListPlan,
  how: NonNullable<Preferences['count']>,
): Promise<number> {
  // An estimate is of all records, also of those that this caller may not see.
  if (how === 'exact' || plan.kind === 'groups' || actor.policy.read !== true)
    return exact(stores, actor, countSql(plan))
  const match = matchSql(plan)
  if (how === 'planned') return estimatedCount(stores, actor, match)
  const bounded = `select count(*) from (${match.text} limit ${plan.maxLimit + 1}) x`
  const count = await exact(stores, actor, { text: bounded, values: match.values })
  return count <= plan.maxLimit ? count : Math.max(count, await estimatedCount(stores, actor, match))
}
