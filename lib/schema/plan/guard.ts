// What a change has to agree with: the plan that it names, or that it loses nothing without one.
import { errors } from '../../errors.ts'
import type { ChangePlan } from '../change/change-plan.ts'
import type { Guard } from '../change/replace-store.ts'
import type { Survey } from '../survey/survey-store.ts'
import { lossesOf } from './change-report.ts'
import type { StoredPlan } from './plan-store.ts'
import { candidateOf, furtherLosses, type Seal } from './seal.ts'

/** What has changed since a plan was made, in words; the plan has to be made again. */
export class Outdated extends Error {
  readonly reasons: readonly string[]

  constructor(reasons: readonly string[]) {
    super(reasons.join('; '))
    this.reasons = reasons
  }
}

/** The losses by the names of the fields. */
function byName({ work }: ChangePlan, losses: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...losses].map(([key, count]) => [work.conversions.get(key)?.to.name ?? key, count]))
}

function requireNoLosses(losses: ReadonlyMap<string, number>): void {
  const words = [...losses].map(
    ([field, count]) => `${count} ${count === 1 ? 'record' : 'records'} something of ${field}`,
  )
  if (words.length > 0) throw errors.planRequired(words)
}

/** A change without a plan loses nothing; errors.planRequired. */
export const WITHOUT_PLAN: Guard = {
  before: async () => {},
  after: async (_, survey) => requireNoLosses(lossesOf(survey)),
  confirm: (plan, losses) => requireNoLosses(byName(plan, losses)),
}

/**
 * A change that names a plan is the one that was planned; errors.schemaChanged, errors.changeInProgress, errors.planMismatch;
 * Outdated when it would do more than the plan says.
 *
 * @param sealNow what the plan would be sealed with now
 */
export function guardOf(
  stored: StoredPlan,
  sealNow: (plan: ChangePlan, survey: Survey | undefined) => Promise<Seal>,
): Guard {
  const { seal, id } = stored
  return {
    planId: id,
    async before(plan) {
      if (stored.state === 'filling' || stored.state === 'blocked') throw errors.changeInProgress(id)
      if (plan.current.version !== stored.baseVersion) throw errors.schemaChanged()
      if (stored.state !== 'planned' || candidateOf(plan.parsed) !== seal.candidate)
        throw errors.planMismatch(id)
    },
    async after(plan, survey) {
      const now = await sealNow(plan, survey)
      const reasons = [
        ...(now.permissions === seal.permissions ? [] : ['permissions of the entity have changed']),
        ...(now.targets === seal.targets ? [] : ['an entity that it refers to has changed']),
        ...furtherLosses(seal.losses ?? {}, lossesOf(survey)),
      ]
      if (reasons.length > 0) throw new Outdated(reasons)
    },
    confirm(plan, losses) {
      const reasons = furtherLosses(seal.losses ?? {}, byName(plan, losses))
      if (reasons.length > 0) throw new Outdated(reasons)
    },
  }
}
