// What a rollback would do, and what prevents it: the plan and the first look at the records, without the
// change itself.
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { Problem, type Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import { countFields } from '../deletion/field-counts-store.ts'
import { countDangling } from './dangling-store.ts'
import { type DefinitionChange, diffDefinitions } from './diff.ts'
import { requireFreeName } from './names-store.ts'
import { makePlan, survey } from './replace-store.ts'
import type { Plan, ReplaceContext, Replacement } from './replacement.ts'
import { needsNoRewrite } from './revise.ts'

export interface PreviewedChange extends DefinitionChange {
  /** Of a field that comes back: whether its values do. */
  data?: 'kept' | 'purged'
  /** How many have a value of the field; null: too many to be counted in time. */
  records?: number | null
  /** Ids of records that are gone, which the field comes back without. */
  lost_references?: number
}

export interface Preview {
  current: Entity
  changes: PreviewedChange[]
  /** As the change would be refused with; empty: the records stand in no way. */
  violations: readonly Violation[]
}

interface PreviewContext extends ReplaceContext {
  db: Pick<TenantDb, 'transaction' | 'read'>
}

/** The preview of a rollback; refuses what the rollback itself would refuse, except conflicts with records, which it lists. */
export async function previewRollback(context: PreviewContext, replacement: Replacement): Promise<Preview> {
  const { db, directory } = context
  const { tenantId } = replacement
  const plan = await onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, [], async (tx) => {
      const made = await makePlan(tx, replacement)
      if (made.next.name !== made.current.name) await requireFreeName(tx, made.next)
      return made
    }),
  )
  const violations = await findViolations(context, plan)
  return { current: plan.current, changes: await countChanges(context, plan), violations }
}

async function findViolations({ db, directory }: PreviewContext, plan: Plan): Promise<readonly Violation[]> {
  if (needsNoRewrite(plan.work)) return []
  try {
    await onPresentEpoch(directory, plan.current.tenantId, (scope) =>
      db.transaction(scope, [], (tx) => survey(tx, plan)),
    )
    return []
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== errors.recordsViolate.kind) throw error
    return error.extras.errors ?? []
  }
}

async function countChanges({ db, directory }: PreviewContext, plan: Plan): Promise<PreviewedChange[]> {
  const { current, next, work } = plan
  const changes = diffDefinitions(current, next)
  const keys = changes.map(({ field, change }) => {
    const { fields } = change === 'dropped' ? current : next
    return fields.find(({ name }) => name === field)?.key
  })
  const counts = await onPresentEpoch(directory, current.tenantId, (scope) =>
    countFields(db, scope, { entity: current, keys: [...new Set(keys.filter((key) => key !== undefined))] }),
  )
  const lost = await onPresentEpoch(directory, current.tenantId, (scope) =>
    db.transaction(scope, [], (tx) => countDangling(tx, plan)),
  )
  return changes.map((change, at) => {
    const key = keys[at]
    if (key === undefined) return change
    const references = lost.get(key) ?? 0
    return {
      ...change,
      ...(change.change === 'added' ? { data: work.revived.has(key) ? 'kept' : 'purged' } : {}),
      records: counts.get(key)?.records ?? null,
      ...(references > 0 ? { lost_references: references } : {}),
    }
  })
}
