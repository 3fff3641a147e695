// Builds the context of write statements from the actor and the answer's plan.

import { projection } from '../../query/sql/projection.ts'
import type { Actor } from '../actor.ts'
import type { ReturnPlan } from '../return-plan.ts'
import type { WriteContext, WriteScope } from './written-row.ts'

/** The records that the actor writes, and what a refusal may name of them. */
export function writeScope({ caller, entity, policy }: Actor): WriteScope {
  return { scope: caller.tenant, entity, author: caller.id, readable: policy.readable }
}

export function writeContext(actor: Actor, answer: ReturnPlan): WriteContext {
  return {
    ...writeScope(actor),
    returning: (alias, parameters) => (answer.apart ? "''" : projection(answer.outputs, parameters, alias)),
  }
}
