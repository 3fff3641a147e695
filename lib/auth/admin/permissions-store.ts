// What each role of a tenant may do with an entity, as the tenant's admins set it: one transaction, its audit entry included.
// A role without a stored permission has its default one. Refuses changes of the admins' own permissions.
import { type DefaultAccess, defaultPermission, type Permission } from '../../access/permission.ts'
import {
  deletePermission,
  savePermission,
  selectEntityPermissions,
  selectRoleDefaults,
  toEntityPermissions,
  toRoleDefaults,
} from '../../access/permission-store.ts'
import {
  type PermissionBody,
  type PresentedPermission,
  presentPermission,
  readPermission,
} from '../../access/read-permission.ts'
import { ANONYMOUS, isAdmin, isRoleName } from '../../access/roles.ts'
import { recordAudit } from '../../audit/audit-store.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { TenantSnapshot } from '../../db/tenant.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { currentEntity } from '../../schema/change/definition-store.ts'
import type { SchemaRegistry } from '../../schema/registry/registry.ts'
import type { Caller } from '../caller.ts'
import { nameRole, selectRoles, toRole } from '../role-store.ts'

/** What permissions are read from; the server itself has this shape. */
export interface PermissionSource {
  db: TenantDb
  registry: Pick<SchemaRegistry, 'entity'>
}

/** An entity and a role, by their names. */
export interface PermissionTarget {
  entity: string
  role: string
}

interface EntityPermissions {
  entity: Entity
  /** By role; absent: the default. */
  stored: ReadonlyMap<string, Permission>
  /** By role, as the tenant has set them. */
  defaults: ReadonlyMap<string, DefaultAccess>
}

async function permissionsOf(
  { db, registry }: PermissionSource,
  tenant: TenantSnapshot,
  name: string,
): Promise<EntityPermissions> {
  const entity = await registry.entity(tenant, name)
  const stored = toEntityPermissions(await db.read(tenant, selectEntityPermissions(entity)))
  return { entity, stored, defaults: toRoleDefaults(await db.read(tenant, selectRoleDefaults(tenant.id))) }
}

function present({ entity, stored, defaults }: EntityPermissions, role: string): PresentedPermission {
  return presentPermission(role, stored.get(role) ?? defaultPermission(role, defaults.get(role)), entity)
}

/** The permission of every role for an entity; errors.entityNotFound. */
export async function listPermissions(
  source: PermissionSource,
  tenant: TenantSnapshot,
  entity: string,
): Promise<PresentedPermission[]> {
  const permissions = await permissionsOf(source, tenant, entity)
  const named = (await source.db.read(tenant, selectRoles(tenant.id))).map((row) => toRole(row).name)
  return ['admin', 'user', ANONYMOUS, ...named].map((role) => present(permissions, role))
}

/** The permission of one role for an entity; errors.entityNotFound, errors.roleNotFound. */
export async function findPermission(
  source: PermissionSource,
  tenant: TenantSnapshot,
  { entity, role }: PermissionTarget,
): Promise<PresentedPermission> {
  const permissions = await permissionsOf(source, tenant, entity)
  if (!isRoleName(role)) throw errors.roleNotFound(role)
  return present(permissions, role)
}

/** errors.roleNotFound, errors.roleFixed. */
function requireChangeable(role: string): void {
  if (!isRoleName(role)) throw errors.roleNotFound(role)
  if (isAdmin(role)) throw errors.roleFixed(role)
}

/**
 * Stores the permission of a role, and the role if it is new; errors.entityNotFound, errors.roleNotFound, errors.roleFixed,
 * errors.invalidBody.
 */
export function setPermission(
  db: TenantDb,
  caller: Caller,
  { body, ...target }: PermissionTarget & { body: PermissionBody },
): Promise<PresentedPermission> {
  const { tenant } = caller
  const { role } = target
  return db.transaction(tenant, 'metadata', async (tx) => {
    const entity = await currentEntity(tx, tenant, target.entity, undefined)
    requireChangeable(role)
    const permission = readPermission(body, entity, role)
    if (role !== 'user' && role !== ANONYMOUS) await nameRole(tx, tenant.id, role)
    await savePermission(tx, entity, role, permission)
    const presented = presentPermission(role, permission, entity)
    await recordAudit(tx, caller, { action: 'permission.set', target: entity.name, details: presented })
    return presented
  })
}

/** Gives a role its default permission again; errors.entityNotFound, errors.roleNotFound, errors.roleFixed. */
export function resetPermission(db: TenantDb, caller: Caller, target: PermissionTarget): Promise<void> {
  const { tenant } = caller
  const { role } = target
  return db.transaction(tenant, 'metadata', async (tx) => {
    const entity = await currentEntity(tx, tenant, target.entity, undefined)
    requireChangeable(role)
    await deletePermission(tx, entity, role)
    await recordAudit(tx, caller, { action: 'permission.reset', target: entity.name, details: { role } })
  })
}
