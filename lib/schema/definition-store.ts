// Creating and deleting entities: a parsed definition in, the stored entity out, inside one change of the tenant's
// metadata, so that what is checked here still holds when it commits.

import { type Actor, recordAudit } from '../audit/audit-store.ts'
import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import type { Queryable, Scope, TenantDb } from '../postgres/queryable.ts'
import { checkDefinitionQuotas } from '../quotas/definition-quotas.ts'
import { refersTo, targetsOf } from '../records/targets.ts'
import type { ParsedDefinition } from './definition.ts'
import type { Entity, Field } from './entity.ts'
import { deleteEntity, entityNames, findEntity, insertEntity, listEntities } from './entity-store.ts'
import { ENTITY_NAME } from './names.ts'
import { createEntityDefinition } from './revise.ts'

/** Relations to entities that do not exist; an entity may refer to itself. */
export function missingTargets(fields: readonly Field[], known: ReadonlySet<string>): Violation[] {
  return fields.flatMap((field, at) =>
    targetsOf({ fields: [field] })
      .filter((name) => !known.has(name))
      .map((name) => ({
        pointer: `/fields/${at}/entity`,
        keyword: 'reference',
        message: `names "${name}", which is no entity; entities: ${[...known].sort().join(', ')}`,
      })),
  )
}

/** Refuses a definition whose relations lead nowhere. What it costs does not depend on how many entities there are. */
export async function checkTargets(tx: Queryable, tenantId: string, parsed: ParsedDefinition): Promise<void> {
  const targets = targetsOf(parsed).filter((name) => name !== parsed.name)
  if (targets.length === 0 || (await entityNames(tx, tenantId, targets)).length === targets.length) return
  const known = new Set([parsed.name, ...(await entityNames(tx, tenantId))])
  throw errors.invalidDefinition(missingTargets(parsed.fields, known))
}

/** errors.quotaExceeded; looks at the other entities only for a tenant that may have no more than so many. */
export async function checkRoom(
  tx: Queryable,
  { id, quotas }: Scope,
  parsed: ParsedDefinition,
): Promise<void> {
  if (quotas === undefined || !('entities' in quotas || 'fields' in quotas)) return
  checkDefinitionQuotas(quotas, await listEntities(tx, id), parsed)
}

/** Whoever changes his tenant's entities. */
export interface Author extends Actor {
  tenant: Scope
}

/** Stores a new entity; errors.entityExists. */
export function createEntity(db: TenantDb, author: Author, parsed: ParsedDefinition): Promise<Entity> {
  const { tenant: scope } = author
  return db.change(scope, async (tx) => {
    if ((await entityNames(tx, scope.id, [parsed.name])).length > 0) throw errors.entityExists(parsed.name)
    await checkTargets(tx, scope.id, parsed)
    await checkRoom(tx, scope, parsed)
    await recordAudit(tx, author, { action: 'schema.create', target: parsed.name })
    return insertEntity(tx, scope.id, parsed.name, createEntityDefinition(parsed))
  })
}

/** The entity as it is now; errors.entityNotFound, and errors.schemaChanged unless If-Match names its version. */
export async function currentEntity(
  tx: Queryable,
  scope: Scope,
  name: string,
  versions: readonly number[] | undefined,
): Promise<Entity> {
  const entity = ENTITY_NAME.test(name) ? await findEntity(tx, scope.id, name) : null
  if (entity === null) throw errors.entityNotFound(name)
  if (versions !== undefined && !versions.includes(entity.version)) throw errors.schemaChanged()
  return entity
}

/** Deletes an entity with all its records; errors.entityReferenced while another entity has a relation to it. */
export function removeEntity(
  db: TenantDb,
  author: Author,
  name: string,
  versions: readonly number[] | undefined,
): Promise<void> {
  const { tenant: scope } = author
  return db.change(scope, async (tx) => {
    const entity = await currentEntity(tx, scope, name, versions)
    const others = (await listEntities(tx, scope.id)).filter((other) => other.id !== entity.id)
    const referrers = others.filter((other) => refersTo(other, name))
    if (referrers.length > 0)
      throw errors.entityReferenced(
        name,
        referrers.map((other) => other.name),
      )
    await recordAudit(tx, author, { action: 'schema.delete', target: name })
    await deleteEntity(tx, scope, entity)
  })
}
