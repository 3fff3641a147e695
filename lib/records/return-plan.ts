// Plans the answer of a write: which outputs of the written records leave. Plain outputs come with the write itself; those of
// related records are read after it, in its transaction, since a statement does not see what it has just written.

import { errors } from '../errors.ts'
import type { Query } from '../query/ast.ts'
import type { PlanContext } from '../query/plan/context.ts'
import { planLevel } from '../query/plan/level.ts'
import type { Output } from '../query/plan/level-plan.ts'
import type { OrderKey } from '../query/plan/order.ts'
import { type Actor, planContext, type RecordContext } from './actor.ts'

export interface ReturnPlan {
  outputs: readonly Output[]
  /** Empty: in the order in which the records were written. */
  order: readonly OrderKey[]
  /** Whether it has to be read by a statement of its own: an output is of related records, or there is an order. */
  apart: boolean
}

/** An answer without records. */
export const RETURN_NOTHING: ReturnPlan = { outputs: [], order: [], apart: false }

/** The plan of `select` and `order` for written records; errors.malformedQuery for aggregates. */
export function returnPlanOf({ pageLimits, plans }: RecordContext, actor: Actor, query: Query): ReturnPlan {
  return plans.plan('answer', actor, query, (reader) => planReturn(query, planContext(reader, pageLimits)))
}

/** As returnPlanOf, planned each time. */
export function planReturn({ select, order, embedded }: Query, context: PlanContext): ReturnPlan {
  const level = planLevel({ where: [], order, embedded }, select, context)
  if (level.kind === 'groups')
    throw errors.malformedQuery('select: aggregates are for lists, not for single or written records.')
  const embeds = level.outputs.some(({ kind }) => kind !== 'column')
  const ordered = order.length > 0
  return { outputs: level.outputs, order: ordered ? level.order : [], apart: embeds || ordered }
}
