// Ends a change that is being prepared without putting it in force: writers write one form again, and what was prepared is
// purged in the background. Values under keys that had been a field's before stay: they are right.
import { recordAudit } from '../../audit/audit-store.ts'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { Transaction } from '../../db/statement.ts'
import { definitionOf, type Entity } from '../../entities/entity.ts'
import { hasOwnKey } from '../../entities/pending.ts'
import { errors } from '../../errors.ts'
import { type Author, currentEntity } from '../change/definition-store.ts'
import type { ReplaceContext } from '../change/replacement.ts'
import { queuePurge } from '../deletion/field-purge-store.ts'
import { saveDefinition } from '../entity-store.ts'
import { movePlan } from '../plan/plan-store.ts'
import { deleteConversion } from './conversion-store.ts'
import { lockBriefly, untilLocked } from './entity-lock-store.ts'
import { forgetFields } from './misfit-store.ts'

/** Takes the change back within a change of the tenant's metadata; the entity as it is then. */
export async function endPending(tx: Transaction, entity: Entity): Promise<Entity> {
  const { pending } = entity
  if (pending === undefined) return entity
  const fresh = pending.fields.filter((field) => hasOwnKey(field) && !field.revives).map(({ to }) => to.key)
  const next = { ...entity, pending: undefined, retiredKeys: [...entity.retiredKeys, ...fresh] }
  await saveDefinition(tx, next, definitionOf(next))
  await deleteConversion(tx, entity)
  await movePlan(tx, entity, { plan: pending.id, from: ['filling', 'blocked'], to: 'cancelled' })
  await forgetFields(
    tx,
    entity,
    pending.fields.map(({ to }) => to.key),
  )
  if (fresh.length > 0) await queuePurge(tx, next, fresh)
  return next
}

/** Cancels the change of an entity; errors.entityNotFound, errors.planNotFound when it is not, or no longer, under way. */
export function cancelChange(
  { db, directory }: ReplaceContext,
  author: Author,
  { entity: name, plan }: { entity: string; plan: string },
): Promise<void> {
  return untilLocked(() =>
    onPresentEpoch(directory, author.tenant.id, (scope) =>
      db.transaction(scope, 'metadata', async (tx) => {
        const known = await currentEntity(tx, scope, name, undefined)
        await lockBriefly(tx, known.id)
        const entity = await currentEntity(tx, scope, name, undefined)
        const { pending } = entity
        if (pending === undefined || pending.id !== plan) throw errors.planNotFound(plan)
        await endPending(tx, entity)
        await recordAudit(tx, author, { action: 'schema.cancel', target: entity.name, details: { plan } })
      }),
    ),
  )
}
