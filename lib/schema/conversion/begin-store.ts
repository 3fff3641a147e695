// Begins a change that is prepared beside live traffic: from here on every writer writes both forms, and the job is queued that
// prepares the records which nobody writes.
import { isDeepStrictEqual } from 'node:util'
import type { Queryable, Transaction } from '../../db/statement.ts'
import { definitionOf, type Entity, type PendingChange } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { currentEntity } from '../change/definition-store.ts'
import { insertPlan, movePlan } from '../plan/plan-store.ts'
import { countConversions, insertConversion, type PreparedChange } from './conversion-store.ts'
import { lockBriefly } from './entity-lock-store.ts'
import { pendingChange } from './pending-change.ts'
import type { PlannedChange } from './planned-change.ts'
import { withOwnKeys } from './promote.ts'
import { requireSettled } from './require-settled.ts'

/** Changes that are prepared at once in a tenant. */
const MOST_RUNNING = 20

/** The definition has changed since the plan was made. */
export class Outdated extends Error {}

/** What the change leaves behind. */
export type Leaving = Pick<PreparedChange, 'grace' | 'action' | 'author'>

/**
 * Begins the change, in a change of the tenant's metadata; its plan. Outdated when the definition is no longer the planned one,
 * errors.changeInProgress, errors.invalidDefinition when there is no room for both forms, LOCK_NOT_AVAILABLE.
 *
 * @param total records there are; null: not counted
 */
export async function beginChange(
  tx: Transaction,
  given: PlannedChange,
  { total, ...leaving }: Leaving & { total: number | null },
): Promise<string> {
  const planned = withOwnKeys(given)
  const { current, next } = planned
  await lockBriefly(tx, current.id)
  const now = await currentEntity(tx, { id: current.tenantId, epoch: 0 }, current.name, undefined)
  requireSettled(now)
  if (!isDeepStrictEqual(now, current)) throw new Outdated()
  if ((await countConversions(tx, current.tenantId)) >= MOST_RUNNING)
    throw errors.tooManyChanges(MOST_RUNNING)
  const change: PreparedChange = { ...leaving, name: next.name, definition: definitionOf(next) }
  const id = await runningPlan(tx, planned, leaving)
  await savePending(tx, current, pendingChange(planned, id))
  await insertConversion(tx, current, { planId: id, change, total })
  return id
}

/** The plan that is carried out from now on: the named one, or one that is made for it; errors.planMismatch. */
async function runningPlan(
  tx: Transaction,
  { current, planId }: PlannedChange,
  { action, author }: Leaving,
): Promise<string> {
  if (planId === undefined) {
    const kind = action === 'schema.rollback' ? 'rollback' : 'change'
    return (await insertPlan(tx, current, { kind, state: 'filling', author })).id
  }
  const isMoved = await movePlan(tx, current, { plan: planId, from: ['planned'], to: 'filling' })
  if (!isMoved) throw errors.planMismatch(planId)
  return planId
}

async function savePending(tx: Queryable, { tenantId, id }: Entity, pending: PendingChange): Promise<void> {
  await tx.query(
    `update entity set definition = jsonb_set(definition, '{pending}', $3) where tenant_id = $1 and id = $2`,
    [tenantId, id, JSON.stringify(pending)],
  )
}
