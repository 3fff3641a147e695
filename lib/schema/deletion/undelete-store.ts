// A deleted entity comes back: under its name or another, with its records, permissions and former names, inside one change
// of the tenant's metadata. References to records that were deleted meanwhile are left out.
import { recordAudit } from '../../audit/audit-store.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import { definitionOf, type Entity } from '../../entities/entity.ts'
import { targetsOf } from '../../entities/references.ts'
import { retarget } from '../../entities/retarget.ts'
import { errors } from '../../errors.ts'
import { ENTITY_ITSELF, saveAlias } from '../alias-store.ts'
import { type Author, checkRoom } from '../change/definition-store.ts'
import { followName, hiddenReferrers, isFreeName } from '../change/names-store.ts'
import { checkEntityName } from '../definition/names.ts'
import { entityNames, updateEntity } from '../entity-store.ts'
import { insertVersion } from '../version-store.ts'
import { type Deleted, type FormerEntityName, findDeletion, revealEntity } from './deletion-store.ts'
import { hiddenTargets, pruneReferences } from './references-store.ts'

export interface Undeletion extends Deleted {
  /** The name that it is to have; undefined: the one that it had. */
  as: string | undefined
}

/**
 * Brings a deleted entity back; the answer is its next version. errors.deletedEntityNotFound, errors.nameInUse,
 * errors.targetDeleted, errors.invalidDefinition for a name that cannot be, errors.quotaExceeded.
 *
 * @param segments the first path segments of the real routes
 */
export function undeleteEntity(
  db: TenantDb,
  author: Author,
  { undeletion, segments }: { undeletion: Undeletion; segments: ReadonlySet<string> },
): Promise<Entity> {
  const { as } = undeletion
  const refused = as === undefined ? [] : checkEntityName(as, segments)
  if (refused.length > 0) throw errors.invalidDefinition(refused.map((one) => ({ ...one, pointer: '/as' })))
  return db.transaction(author.tenant, 'metadata', (tx) => bringBack(tx, author, undeletion))
}

async function bringBack(tx: Transaction, author: Author, undeletion: Undeletion): Promise<Entity> {
  const { tenant } = author
  await tx.query('set local statement_timeout = 0')
  const { entity: hidden } = await findDeletion(tx, tenant.id, undeletion)
  const name = undeletion.as ?? hidden.name
  const fields = hidden.fields.map((field) => retarget(field, hidden.name, name))
  const entity = { ...hidden, fields, name }
  if (!(await isFreeName(tx, entity))) throw errors.nameInUse(name)
  await requireTargets(tx, entity)
  await checkRoom(tx, tenant, entity)
  const formerNames = await revealEntity(tx, entity)
  await pruneReferences(tx, entity)
  const stored = await updateEntity(tx, entity, definitionOf(entity))
  await restoreNames(tx, stored, formerNames)
  await recordReturn(tx, author, { before: hidden, after: stored })
  return stored
}

/** errors.targetDeleted when a relation leads to an entity that is deleted. */
async function requireTargets(tx: Transaction, entity: Entity): Promise<void> {
  const targets = targetsOf(entity).filter((name) => name !== entity.name)
  const known = await entityNames(tx, entity.tenantId, targets)
  const missing = targets.filter((name) => !known.includes(name))
  const deleted = [...new Set([...missing, ...(await hiddenTargets(tx, entity))])]
  if (deleted.length > 0) throw errors.targetDeleted(entity.name, deleted)
}

/** The former names go on working for the rest of their time, unless something else has them now. */
async function restoreNames(tx: Transaction, entity: Entity, names: readonly FormerEntityName[]) {
  const now = Date.now()
  for (const { name, since, until } of names.filter((one) => Date.parse(one.until) > now))
    if (await isFreeName(tx, { ...entity, name }))
      await saveAlias(tx, entity, { name, since, until, key: ENTITY_ITSELF })
}

async function recordReturn(
  tx: Transaction,
  author: Author,
  { before, after }: { before: Entity; after: Entity },
): Promise<void> {
  const { name, version } = after
  const renamed = name !== before.name
  if (renamed)
    await followName(
      tx,
      { current: before, next: after, author },
      await hiddenReferrers(tx, before, 'linked'),
    )
  await insertVersion(tx, after, { author }, [renamed ? `undeleted as ${name}` : 'undeleted'])
  const details = { version, ...(renamed ? { was: before.name } : {}) }
  await recordAudit(tx, author, { action: 'schema.undelete', target: name, details })
}
