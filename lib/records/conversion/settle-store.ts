// Looks again at records with misfits: what was written meanwhile, what has to be looked up, what others have given up.
import type { TenantScope } from '../../db/scope.ts'
import type { Transaction } from '../../db/statement.ts'
import type { Entity, PendingChange } from '../../entities/entity.ts'
import { forgetRecords } from '../../schema/conversion/misfit-store.ts'
import { prepareRecords } from './prepare-store.ts'

/** Prepares the records again; those that no longer exist have no misfits. */
export async function settleRecords(
  tx: Transaction,
  { scope, entity }: { scope: TenantScope; entity: Entity & { pending: PendingChange } },
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  const found = new Set(await prepareRecords(tx, { scope, entity, givesUp: true }, ids))
  const gone = ids.filter((id) => !found.has(id))
  if (gone.length > 0) await forgetRecords(tx, entity, gone)
}
