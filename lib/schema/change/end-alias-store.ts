// Former names that end: by an admin, or because their time is over. Metadata changes, and no version of the definition.
import { recordAudit } from '../../audit/audit-store.ts'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import type { Entity, FieldAlias } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { ALIAS_ROW, deleteAlias, selectTenantAliases } from '../alias-store.ts'
import { listEntities, listHiddenEntities, updateAliases } from '../entity-store.ts'
import { type Author, currentEntity } from './definition-store.ts'

async function endAlias(tx: Transaction, entity: Entity, { name, key }: Pick<FieldAlias, 'name' | 'key'>) {
  await deleteAlias(tx, entity, name)
  const left = (entity.aliases ?? []).filter((one) => one.name !== name || one.key !== key)
  await updateAliases(tx, entity, left)
  return { ...entity, aliases: left.length === 0 ? undefined : left }
}

/** Ends a former name of the entity or of one of its fields; errors.aliasNotFound. */
export function removeAlias(
  db: TenantDb,
  author: Author,
  of: { entity: string; name: string },
): Promise<void> {
  const { tenant } = author
  return db.transaction(tenant, 'metadata', async (tx) => {
    const entity = await currentEntity(tx, tenant, of.entity, undefined)
    const stored = (await tx.read(selectTenantAliases(tenant.id))).map(ALIAS_ROW.decode)
    const alias = stored.find(({ entityId, name }) => entityId === entity.id && name === of.name)
    if (alias === undefined) throw errors.aliasNotFound(of.name)
    await endAlias(tx, entity, alias)
    await recordAudit(tx, author, {
      action: 'schema.end_alias',
      target: entity.name,
      details: { name: of.name },
    })
  })
}

/** Where former names end; the server itself has this shape. */
export interface AliasSweepContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantById' | 'tenantsOfEndedAliases'>
}

/** Ends the names of all tenants whose time is over by this moment (Unix, in milliseconds). */
export async function endAliases(context: AliasSweepContext, now: number): Promise<void> {
  for (const tenantId of await context.directory.tenantsOfEndedAliases(now))
    await endAliasesOf(context, tenantId, now)
}

async function endAliasesOf(
  { db, directory }: AliasSweepContext,
  tenantId: string,
  now: number,
): Promise<void> {
  await onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, 'metadata', async (tx) => {
      const all = [...(await listEntities(tx, tenantId)), ...(await listHiddenEntities(tx, tenantId))]
      const entities = new Map(all.map((entity) => [entity.id, entity]))
      const stored = (await tx.read(selectTenantAliases(tenantId))).map(ALIAS_ROW.decode)
      for (const alias of stored.filter(({ until }) => Date.parse(until) <= now)) {
        const entity = entities.get(alias.entityId)
        if (entity !== undefined) entities.set(entity.id, await endAlias(tx, entity, alias))
      }
    }),
  )
}
