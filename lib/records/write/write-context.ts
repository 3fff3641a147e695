// Builds the context of write statements from the actor and the answer's plan.

import { planRecord } from '../../query/plan/select.ts'
import { projection } from '../../query/sql/projection.ts'
import { type Actor, planContext } from '../actor.ts'
import { cachedPlan, WHOLE_RECORD } from '../plan-cache.ts'
import type { ReturnPlan } from '../return-plan.ts'
import type { WriteContext } from './written-row.ts'

/** The answer with every readable field. */
export function wholeRecord(actor: Actor): ReturnPlan {
  return cachedPlan('whole', actor, WHOLE_RECORD, (reader) => {
    return { outputs: planRecord(planContext(reader)), order: [], apart: false }
  })
}

export function writeContext(actor: Actor, answer: ReturnPlan = wholeRecord(actor)): WriteContext {
  const { caller, entity, policy } = actor
  return {
    scope: caller.tenant,
    entity,
    author: caller.id,
    readable: policy.readable,
    returning: (alias, parameters) => (answer.apart ? "''" : projection(answer.outputs, parameters, alias)),
  }
}
