// From when on the log of an entity is complete: since it was switched on, and no longer ago than changes are kept.
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { KEPT_FOR, keptOf } from '../../entities/logged.ts'
import { errors } from '../../errors.ts'

/** errors.historyOff. */
export function requireHistory({ name, history }: Pick<Entity, 'name' | 'history'>): void {
  if (history === undefined) throw errors.historyOff(name)
}

/** errors.historyBeginsLater unless the log is complete since then. @param time ISO 8601, UTC */
export async function requireKnown(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: Entity,
  time: string,
): Promise<void> {
  requireHistory(entity)
  const [row] = await db.read(scope, {
    text: 'select extract(epoch from since)::text from logged_entity where tenant_id = $1 and entity_id = $2',
    values: [entity.tenantId, entity.id],
    cost: 'row',
  })
  const keep = KEPT_FOR[keptOf(entity) ?? 's'] ?? Number.POSITIVE_INFINITY
  const begins = Math.max(Math.ceil(Number(row?.[0] ?? 0) * 1000), Date.now() - keep)
  if (Date.parse(time) < begins) throw errors.historyBeginsLater(new Date(begins).toISOString())
}
