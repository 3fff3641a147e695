// What follows when fields or an entity are renamed, in the transaction of the change: the stored former names, the filters
// of permissions, and the relations of other entities.
import {
  savePermission,
  selectEntityPermissions,
  toEntityPermissions,
} from '../../access/permission-store.ts'
import { withFieldKeys, withFieldNames } from '../../access/rename-rule.ts'
import type { Transaction } from '../../db/statement.ts'
import { definitionOf, type Entity } from '../../entities/entity.ts'
import { refersTo } from '../../entities/references.ts'
import { retarget } from '../../entities/retarget.ts'
import { errors } from '../../errors.ts'
import { violation } from '../../fields/violation.ts'
import {
  ALIAS_ROW,
  deleteAlias,
  ENTITY_ITSELF,
  saveAlias,
  saveFieldAliases,
  selectEntityAliases,
} from '../alias-store.ts'
import { entityNames, listEntities, listHiddenEntities, updateEntity } from '../entity-store.ts'
import { insertVersion, type VersionAuthor } from '../version-store.ts'
import type { Grace } from './aliases.ts'

const MAX_ENTITY_ALIASES = 50

export interface NameChange {
  current: Entity
  /** The entity as it is stored now. */
  next: Entity
  /** For how long the entity's former name goes on working; fields' are in the definition. */
  grace: Grace
  author: VersionAuthor
  /** The new keys of fields whose values have another form, by the old ones. */
  keys?: ReadonlyMap<string, string>
}

/** Lets everything that names the entity or its fields follow; errors.entityExists, errors.nameIsAlias. */
export async function followNames(tx: Transaction, change: NameChange): Promise<void> {
  const { current, next, keys = new Map<string, string>() } = change
  if (current.aliases !== undefined || next.aliases !== undefined) await saveFieldAliases(tx, next)
  const names = new Map(current.fields.map(({ key, name }) => [key, name]))
  if (next.fields.some(({ key, name }) => names.get(key) !== name)) await renameInRules(tx, next, keys)
  if (current.name !== next.name) await renameEntity(tx, change)
}

async function renameInRules(
  tx: Transaction,
  entity: Entity,
  keys: ReadonlyMap<string, string>,
): Promise<void> {
  const stored = toEntityPermissions(await tx.read(selectEntityPermissions(entity)))
  for (const [role, permission] of stored) {
    const renamed = withFieldNames(withFieldKeys(permission, keys), entity.fields)
    if (renamed !== permission) await savePermission(tx, entity, role, renamed)
  }
}

type Named = Pick<Entity, 'tenantId' | 'id' | 'name'>

/** The former name of another entity that this one would take. */
async function aliasOfAnother(tx: Transaction, { tenantId, id, name }: Named) {
  const aliases = (await tx.read(selectEntityAliases(tenantId, name))).map(ALIAS_ROW.decode)
  return aliases.find(({ entityId }) => entityId !== id)
}

/** errors.entityExists, errors.nameIsAlias when another entity has the name, or has had it. */
export async function requireFreeName(tx: Transaction, named: Named): Promise<void> {
  const { tenantId, name } = named
  if ((await entityNames(tx, tenantId, [name])).length > 0) throw errors.entityExists(name)
  const other = await aliasOfAnother(tx, named)
  if (other !== undefined) throw errors.nameIsAlias(name, other.until)
}

/** Whether no entity is called so, and no other was. */
export async function isFreeName(tx: Transaction, named: Named): Promise<boolean> {
  const taken = await entityNames(tx, named.tenantId, [named.name])
  return taken.length === 0 && (await aliasOfAnother(tx, named)) === undefined
}

/** errors.invalidDefinition when the entity has had too many names of late. */
async function requireRoomForAlias(tx: Transaction, { tenantId, id }: Entity): Promise<void> {
  const former = (await tx.read(selectEntityAliases(tenantId))).map(ALIAS_ROW.decode)
  if (former.filter(({ entityId }) => entityId === id).length < MAX_ENTITY_ALIASES) return
  const message = `has ${MAX_ENTITY_ALIASES} former names in force, and more are not possible: end some`
  throw errors.invalidDefinition([violation('limit', message, '/entity')])
}

async function renameEntity(tx: Transaction, change: NameChange): Promise<void> {
  const { current, next, grace } = change
  await deleteAlias(tx, next, next.name)
  await requireRoomForAlias(tx, next)
  if (grace !== undefined) await saveAlias(tx, next, { name: current.name, key: ENTITY_ITSELF, ...grace })
  const all = [...(await listEntities(tx, next.tenantId)), ...(await hiddenReferrers(tx, current, 'meant'))]
  await followName(tx, change, all)
}

/** Lets the relations of the others lead to the entity's next name. */
export async function followName(
  tx: Transaction,
  { current, next, author }: Omit<NameChange, 'grace'>,
  others: readonly Entity[],
): Promise<void> {
  const referrers = others.filter((one) => one.id !== next.id && refersTo(one, current.name))
  for (const other of referrers) {
    const fields = other.fields.map((field) => retarget(field, current.name, next.name))
    const followed = await updateEntity(tx, other, definitionOf({ ...other, fields }))
    await insertVersion(tx, followed, { author }, [`its relations follow ${current.name} to ${next.name}`])
  }
}

/**
 * The deleted entities whose records refer to this one; or that mean it by its name, also when they have no such records:
 * several deleted entities may have had the name.
 */
export async function hiddenReferrers(
  tx: Transaction,
  { tenantId, id, name }: Entity,
  which: 'linked' | 'meant',
): Promise<Entity[]> {
  const { rows } = await tx.query<{ id: number }>(
    `select h.id::float8 as id from entity h
     where h.tenant_id = $1 and h.deleted_at is not null and (
       exists (select from link l where l.tenant_id = $1 and l.from_entity = h.id and l.to_entity = $2)
       or $4 and not exists (select from entity o
         where o.tenant_id = $1 and o.name = $3 and o.id <> $2 and o.deleted_at is not null))`,
    [tenantId, id, name, which === 'meant'],
  )
  const found = new Set(rows.map((row) => row.id))
  return (await listHiddenEntities(tx, tenantId)).filter((one) => found.has(one.id))
}
