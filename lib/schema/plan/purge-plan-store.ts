// The plan of a purge of dropped fields: which, and how much that is. Nothing brings it back, so it always needs the plan
// unless there is nothing to lose.
import type { TenantDb } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { Author } from '../change/definition-store.ts'
import type { DroppedField } from '../change/rollback.ts'
import { countFields, type FieldCount } from '../deletion/field-counts-store.ts'
import { insertPlan, type StoredPlan } from './plan-store.ts'
import { digest, hashOf, type Seal } from './seal.ts'

type Counted = DroppedField & FieldCount

/** The digest of what is purged. */
export function purgedCandidate(fields: readonly Pick<DroppedField, 'key'>[]): string {
  return digest(fields.map(({ key }) => key).sort())
}

/** The fields with the numbers of their values. */
export async function countDropped(
  db: Pick<TenantDb, 'read'>,
  { entity, author }: { entity: Entity; author: Author },
  fields: readonly DroppedField[],
): Promise<Counted[]> {
  const counts = await countFields(db, author.tenant, { entity, keys: fields.map(({ key }) => key) })
  return fields.map((field) => ({ ...field, ...(counts.get(field.key) ?? { records: 0, bytes: 0 }) }))
}

const isLoss = ({ records }: FieldCount) => records !== 0

/** errors.planRequired when values would be purged. */
export function requireNothingToPurge(fields: readonly Counted[]): void {
  const losses = fields
    .filter(isLoss)
    .map(({ name, records }) => `the values of ${name} in ${records ?? 'many'} records`)
  if (losses.length > 0) throw errors.planRequired(losses)
}

/** Keeps the purge as a plan. */
export function planPurge(
  db: Pick<TenantDb, 'transaction'>,
  { entity, author }: { entity: Entity; author: Author },
  fields: readonly Counted[],
): Promise<StoredPlan> {
  const losses = Object.fromEntries(fields.map(({ key, records }) => [key, records ?? -1]))
  const seal: Seal = { candidate: purgedCandidate(fields), losses }
  const hash = hashOf({ tenantId: entity.tenantId, entityId: entity.id, baseVersion: entity.version, seal })
  const report = { lossy: fields.some(isLoss), breaking: false, fields }
  return db.transaction(author.tenant, [], (tx) =>
    insertPlan(tx, entity, { kind: 'purge', state: 'planned', author, seal, hash, report }),
  )
}
