// The deleted records of an entity that can come back, last deleted first: those that the caller could have deleted himself.
import { toIsoTimestamp } from '../../db/timestamp.ts'
import { errors } from '../../errors.ts'
import { type LoggedChange, stateBefore } from '../../log/fold.ts'
import { IS_LAST_DELETION, readChanges } from '../../log/log-store.ts'
import type { RecordState } from '../../log/record-state.ts'
import type { Actor } from '../actor.ts'
import type { HistoryContext } from './history-store.ts'
import { requireHistory } from './log-horizon-store.ts'
import { renderStates } from './render-states-store.ts'
import { visibleStates } from './visible-states-store.ts'

export interface TrashPage {
  /** Records as they were, each with `deleted_at` and `deleted_by`. */
  records: object[]
  nextCursor?: string
}

const NEWEST = '9223372036854775807'

/** A page of the trash; errors.historyOff, errors.forbidden, errors.invalidParameter for a foreign cursor. */
export async function listTrash(
  stores: HistoryContext,
  actor: Actor,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<TrashPage> {
  const { caller, entity, policy } = actor
  requireHistory(entity)
  if (policy.delete === false) throw errors.forbidden(`the permission to delete records of ${entity.name}`)
  const bound = `trash ${entity.tenantId} ${entity.id}`
  const [below] = cursor === undefined ? [NEWEST] : (stores.cursorSeal.open(cursor, bound) ?? [])
  if (below === undefined) throw errors.invalidParameter('cursor is not one of this list.')
  const found = await readChanges(stores.db, caller.tenant, entity, {
    where: (p) => `c.seq < ${p.add(below)} and ${IS_LAST_DELETION}`,
    limit: limit + 1,
  })
  const last = found[limit - 1]
  return {
    records: await present(stores, actor, found.slice(0, limit)),
    ...(found.length > limit && last ? { nextCursor: stores.cursorSeal.seal([last.seq], bound) } : {}),
  }
}

async function present(stores: HistoryContext, actor: Actor, changes: readonly LoggedChange[]) {
  const { caller, entity, policy } = actor
  const deleted = changes.map((change) => ({ change, state: stateBefore(null, change) as RecordState }))
  const judged = { scope: caller.tenant, entity, rows: policy.delete }
  const visible = await visibleStates(
    stores.db,
    judged,
    deleted.map(({ state }) => state),
  )
  const shown = deleted.filter(({ state }) => visible.has(state))
  const texts = await renderStates(
    stores,
    actor,
    shown.map(({ state }) => state),
  )
  const showsPersons = !policy.hidden.includes('updated_by')
  return shown.map(({ change }, at) => ({
    ...JSON.parse(texts[at] as string),
    deleted_at: toIsoTimestamp(change.at),
    ...(showsPersons ? { deleted_by: change.actor } : {}),
  }))
}
