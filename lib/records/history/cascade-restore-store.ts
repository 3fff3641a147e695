// What was deleted in the same transaction as a record, and could have been deleted by the caller himself.
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { type LoggedChange, stateBefore } from '../../log/fold.ts'
import { IS_LAST_DELETION, readChanges } from '../../log/log-store.ts'
import type { RecordState } from '../../log/record-state.ts'
import type { Actor, RecordContext } from '../actor.ts'
import type { Returning } from './restore-plan.ts'
import { visibleStates } from './visible-states-store.ts'

/** Records that one restoration brings back. */
const MOST_RECORDS = 10_000

/** The actor with another entity. */
export function actorOn(actor: Actor, entity: Entity): Actor {
  return entity === actor.entity ? actor : { ...actor, entity, policy: actor.policyOf(entity) }
}

/** The root with all others, by entity; errors.cascadeTooLarge. */
export async function cascadeOf(
  stores: RecordContext,
  actor: Actor,
  deletion: LoggedChange,
  root: Returning,
): Promise<Returning[]> {
  const groups: Returning[] = []
  let left = MOST_RECORDS
  for (const entity of await stores.registry.entities(actor.caller.tenant)) {
    if (entity.history === undefined) continue
    const own = entity.id === actor.entity.id ? actor : actorOn(actor, entity)
    const records = await deletedWith(stores, own, { deletion, from: root.entity, most: left })
    left -= records.length
    if (left < 0) throw errors.cascadeTooLarge(MOST_RECORDS)
    const isRoot = entity.id === actor.entity.id
    const others = isRoot ? records.filter(({ state }) => state.id !== deletion.id) : records
    const all = isRoot ? [...root.records, ...others] : others
    if (all.length > 0) groups.push({ entity: own.entity, records: all })
  }
  return groups
}

interface Cascade {
  deletion: LoggedChange
  /** The entity of the record that the deletion is of. */
  from: Entity
  most: number
}

async function deletedWith({ db }: RecordContext, actor: Actor, { deletion, from, most }: Cascade) {
  const { caller, entity, policy } = actor
  if (policy.delete === false || policy.create === false) return []
  const changes = await readChanges(db, caller.tenant, entity, {
    where: (p) =>
      `c.at = ${p.add(deletion.at)} and c.actor is not distinct from ${p.add(deletion.actor)}
       and c.tx = (select m.tx from change m where m.tenant_id = ${p.add(from.tenantId)}
         and m.entity_id = ${p.add(from.id)} and m.id = ${p.add(deletion.id)} and m.seq = ${p.add(deletion.seq)})
       and ${IS_LAST_DELETION}`,
    limit: most + 1,
  })
  const found = changes.map((change) => ({
    state: stateBefore(null, change) as RecordState,
    version: change.version + 1,
  }))
  const judged = { scope: caller.tenant, entity, rows: policy.delete }
  const visible = await visibleStates(
    db,
    judged,
    found.map(({ state }) => state),
  )
  return found.filter(({ state }) => visible.has(state))
}
