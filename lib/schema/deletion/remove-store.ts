// Deleting an entity: it is hidden at once, inside one change of the tenant's metadata, and purged later or now.
import { recordAudit } from '../../audit/audit-store.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import { ENTITY_NAME, type Entity } from '../../entities/entity.ts'
import { refersTo } from '../../entities/references.ts'
import { errors } from '../../errors.ts'
import { type Author, currentEntity } from '../change/definition-store.ts'
import { endPending } from '../conversion/cancel-store.ts'
import { findEntity, listEntities } from '../entity-store.ts'
import {
  type Deleted,
  type Deletion,
  findDeletion,
  hastenPurge,
  hideEntity,
  selectDeletions,
  toDeletion,
} from './deletion-store.ts'

export interface Removal extends Deleted {
  /** Versions that If-Match accepts; undefined: any. */
  versions: readonly number[] | undefined
  /** Whether the records are purged now; then the entity may also be one that is deleted already. */
  purge: boolean
}

/**
 * Deletes an entity, which can come back for a while, or purges it. errors.entityNotFound, errors.deletedEntityNotFound;
 * errors.entityReferenced while another entity has a relation to it.
 */
export function removeEntity(db: TenantDb, author: Author, removal: Removal): Promise<void> {
  const { tenant: scope } = author
  return db.transaction(scope, 'metadata', async (tx) => {
    if (await isDeleted(tx, scope, removal)) return purgeHidden(tx, author, removal)
    const { name, versions, purge } = removal
    const entity = await currentEntity(tx, scope, name, versions)
    await requireUnreferenced(tx, entity)
    await endPending(tx, entity)
    const purgeAt = await hideEntity(tx, entity, purge)
    await recordAudit(tx, author, { action: 'schema.delete', target: name, details: { purge_at: purgeAt } })
  })
}

async function isDeleted(tx: Transaction, { id }: TenantScope, { name, deletedAt, purge }: Removal) {
  // A moment means a deleted entity, which can only be purged: never the one that has the name now.
  if (deletedAt !== undefined && !purge) throw errors.entityNotFound(name)
  if (!purge || !ENTITY_NAME.test(name)) return false
  return deletedAt !== undefined || (await findEntity(tx, id, name)) === null
}

async function purgeHidden(tx: Transaction, author: Author, removal: Removal): Promise<void> {
  const { entity, deletedAt } = await findDeletion(tx, author.tenant.id, removal)
  if (removal.versions?.includes(entity.version) === false) throw errors.schemaChanged()
  await hastenPurge(tx, entity)
  const details = { deleted_at: deletedAt, purge_at: new Date() }
  await recordAudit(tx, author, { action: 'schema.delete', target: entity.name, details })
}

async function requireUnreferenced(tx: Transaction, { tenantId, id, name }: Entity): Promise<void> {
  const others = (await listEntities(tx, tenantId)).filter((other) => other.id !== id)
  const referrers = others.filter((other) => refersTo(other, name))
  if (referrers.length > 0)
    throw errors.entityReferenced(
      name,
      referrers.map((other) => other.name),
    )
}

/** The deleted entities that can come back, last deleted first. */
export async function listDeletions(db: Pick<TenantDb, 'read'>, scope: TenantScope): Promise<Deletion[]> {
  return (await db.read(scope, selectDeletions(scope.id))).map((row) => toDeletion(scope.id, row))
}
