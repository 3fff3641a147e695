// Erases the history of a record for good, whether the record is there or not.
import { recordAudit } from '../../audit/audit-store.ts'
import { errors } from '../../errors.ts'
import type { Actor, RecordContext } from '../actor.ts'

/** errors.recordNotFound when there is neither a record nor a history. */
export async function eraseHistory(
  { db }: Pick<RecordContext, 'db'>,
  { caller, entity }: Actor,
  id: string,
): Promise<void> {
  await db.transaction(caller.tenant, [entity.id], async (tx) => {
    const values = [entity.tenantId, entity.id, id]
    const where = 'where tenant_id = $1 and entity_id = $2 and id = $3'
    const { rowCount } = await tx.query(`delete from change ${where}`, values)
    const known =
      (rowCount ?? 0) > 0 || (await tx.query(`select from record ${where}`, values)).rows.length > 0
    if (!known) throw errors.recordNotFound()
    const details = { id, changes: rowCount ?? 0 }
    await recordAudit(tx, caller, { action: 'history.erase', target: entity.name, details })
  })
}
