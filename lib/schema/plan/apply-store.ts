// Carries out a change: the one that a plan describes, or one that needs none.
import { onPresentEpoch } from '../../db/current-epoch.ts'
import { errors } from '../../errors.ts'
import { currentEntity } from '../change/definition-store.ts'
import { type Replaced, type Replacement, replaceEntity } from '../change/replace-store.ts'
import { beginCheck, type CheckContext, type CheckRequest } from './check-store.ts'
import { guardOf, Outdated, WITHOUT_PLAN } from './guard.ts'
import { findPlan, type StoredPlan } from './plan-store.ts'
import { presentPlan } from './present-plan.ts'
import { sealOf } from './preview-store.ts'

/**
 * As replaceEntity, with the plan that is named; errors.planNotFound, errors.planMismatch, errors.planOutdated with a fresh
 * plan; without one errors.planRequired for a change that loses something.
 */
export async function applyChange(
  context: CheckContext,
  request: CheckRequest,
  planId: string | undefined,
): Promise<Replaced> {
  const { replacement } = request
  if (planId === undefined) return replaceEntity(context, { ...replacement, guard: WITHOUT_PLAN })
  const stored = await namedPlan(context, replacement, planId)
  if (stored.kind !== request.kind) throw errors.planMismatch(planId)
  const guard = guardOf(stored, (plan, survey) =>
    onPresentEpoch(context.directory, replacement.tenantId, (scope) =>
      context.db.transaction(scope, [], (tx) => sealOf(tx, plan, survey)),
    ),
  )
  try {
    return await replaceEntity(context, { ...replacement, guard })
  } catch (error) {
    if (!(error instanceof Outdated)) throw error
    const fresh = await (await beginCheck(context, request)).run()
    throw errors.planOutdated([...error.reasons], presentPlan(fresh as StoredPlan))
  }
}

function namedPlan(
  { db, directory }: CheckContext,
  replacement: Replacement,
  id: string,
): Promise<StoredPlan> {
  return onPresentEpoch(directory, replacement.tenantId, (scope) =>
    db.transaction(scope, [], async (tx) => {
      const entity = await currentEntity(tx, scope, replacement.name, undefined)
      return findPlan(tx, undefined, { entity, id })
    }),
  )
}
