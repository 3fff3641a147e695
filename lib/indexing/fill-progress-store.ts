// How far the fill of an entity's index slots has come.

import type { TenantScope } from '../db/scope.ts'
import type { TenantDb } from '../db/statement.ts'
import type { FillPlace } from './index-report.ts'

/** Undefined when nothing is being filled, or there is no record. */
export async function findFillPlace(
  db: TenantDb,
  scope: TenantScope,
  entityId: number,
): Promise<FillPlace | undefined> {
  const edge = (direction: string) =>
    `(select id from record where tenant_id = $1 and entity_id = $2 order by id ${direction} limit 1)`
  const [row] = await db.read(scope, {
    text: `select after_id, ${edge('asc')}, ${edge('desc')} from slot_fill where tenant_id = $1 and entity_id = $2`,
    values: [scope.id, entityId],
  })
  const [at, first, last] = row ?? []
  return at && first && last ? { at, first, last } : undefined
}
