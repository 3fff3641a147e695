// Creating entities: a parsed definition in, the stored entity out, inside one change of the tenant's
// metadata, so that what is checked here still holds when it commits.

import { type AuditActor, recordAudit } from '../../audit/audit-store.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import { ENTITY_NAME, type Entity } from '../../entities/entity.ts'
import { Problem, type Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import { checkDefinitionQuotas } from '../../quotas/definition-quotas.ts'
import {
  type DefinitionContext,
  type ParsedDefinition,
  parseDefinition,
} from '../definition/parse-definition.ts'
import { isObject } from '../definition/read-field.ts'
import { missingTargets, relationsIn } from '../definition/relation-targets.ts'
import { entityNames, findEntity, insertEntity, listEntities } from '../entity-store.ts'
import { insertVersion } from '../version-store.ts'
import { requireFreeName } from './names-store.ts'
import { createEntityDefinition } from './revise.ts'

/**
 * What of the relations leads nowhere; an entity may refer to itself. What it costs does not depend on how many entities
 * there are, as long as all are found.
 *
 * @param fields as they were sent or read
 */
async function findDangling(
  tx: Transaction,
  tenantId: string,
  self: string,
  fields: unknown,
): Promise<Violation[]> {
  // What is no name is refused by the grammar.
  const relations = relationsIn(fields).filter(({ entity }) => entity !== self && ENTITY_NAME.test(entity))
  const targets = [...new Set(relations.map(({ entity }) => entity))]
  if (targets.length === 0 || (await entityNames(tx, tenantId, targets)).length === targets.length) return []
  return missingTargets(relations, new Set([self, ...(await entityNames(tx, tenantId))]))
}

/** Refuses a definition whose relations lead nowhere. */
export async function checkTargets(
  tx: Transaction,
  tenantId: string,
  parsed: ParsedDefinition,
): Promise<void> {
  const dangling = await findDangling(tx, tenantId, parsed.name, parsed.fields)
  if (dangling.length > 0) throw errors.invalidDefinition(dangling)
}

/** As parseDefinition; the refusal of a definition for its grammar also lists relations that lead nowhere. */
export async function readDefinition(
  db: TenantDb,
  scope: TenantScope,
  body: unknown,
  context: DefinitionContext,
): Promise<ParsedDefinition> {
  try {
    return parseDefinition(body, context)
  } catch (error) {
    if (!(error instanceof Problem) || !isObject(body)) throw error
    const self = typeof body.entity_name === 'string' ? body.entity_name : (context.current?.name ?? '')
    const dangling = await db.transaction(scope, [], (tx) => findDangling(tx, scope.id, self, body.fields))
    throw errors.invalidDefinition([...(error.extras.errors ?? []), ...dangling])
  }
}

/** errors.quotaExceeded; looks at the other entities only for a tenant that may have no more than so many. */
export async function checkRoom(
  tx: Transaction,
  { id, quotas }: TenantScope,
  next: Pick<Entity, 'name' | 'fields'>,
): Promise<void> {
  if (quotas === undefined || !('entities' in quotas || 'fields' in quotas)) return
  checkDefinitionQuotas(quotas, await listEntities(tx, id), next)
}

/** No entity has this id; 0 is that of files. */
const NO_ENTITY = -1

/** The caller who changes the entities of their tenant. */
export interface Author extends AuditActor {
  tenant: TenantScope
}

/** Stores a new entity; errors.entityExists. */
export function createEntity(db: TenantDb, author: Author, parsed: ParsedDefinition): Promise<Entity> {
  const { tenant: scope } = author
  return db.transaction(scope, 'metadata', async (tx) => {
    await requireFreeName(tx, { tenantId: scope.id, id: NO_ENTITY, name: parsed.name })
    await checkTargets(tx, scope.id, parsed)
    await checkRoom(tx, scope, parsed)
    await recordAudit(tx, author, { action: 'schema.create', target: parsed.name })
    const entity = await insertEntity(tx, scope.id, parsed.name, createEntityDefinition(parsed))
    await insertVersion(tx, entity, { author }, ['created'])
    return entity
  })
}

/** The entity as it is now; errors.entityNotFound, and errors.schemaChanged unless If-Match names its version. */
export async function currentEntity(
  tx: Transaction,
  scope: TenantScope,
  name: string,
  versions: readonly number[] | undefined,
): Promise<Entity> {
  const entity = ENTITY_NAME.test(name) ? await findEntity(tx, scope.id, name) : null
  if (entity === null) throw errors.entityNotFound(name)
  if (versions !== undefined && !versions.includes(entity.version)) throw errors.schemaChanged()
  return entity
}
