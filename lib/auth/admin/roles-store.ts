// The roles of a tenant, as its admins manage them: Univera's own, of which only the default access of `user` can be changed,
// and those that the tenant has named. A change is one transaction, its audit entry included. What a role may do is set
// entity by entity, in permissions-store.ts.
import { type DefaultAccess, ownDefault } from '../../access/permission.ts'
import { saveRoleDefault, selectRoleDefaults, toRoleDefaults } from '../../access/permission-store.ts'
import { ANONYMOUS, type BUILT_IN_ROLES, isAdmin, isRoleName } from '../../access/roles.ts'
import { recordAudit } from '../../audit/audit-store.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import { deleteRole, type NamedRole, saveRole, selectRole, selectRoles, toRole } from '../role-store.ts'

export interface Role {
  name: string
  builtIn: boolean
  description: string | null
  /** What it may do with entities for which no permission of it is stored. */
  defaultAccess: DefaultAccess | 'all'
  /** ISO 8601, UTC; null for a built-in role. */
  createdAt: string | null
}

const DESCRIPTIONS: Readonly<Record<(typeof BUILT_IN_ROLES)[number] | typeof ANONYMOUS, string>> = {
  operator: 'Runs the platform',
  admin: 'May do everything in their tenant',
  user: 'Signed-in people; may do what a permission grants, and without one what the default access says',
  [ANONYMOUS]: 'Callers without a token; may do what a permission grants',
}

const BUILT_IN: ReadonlyMap<string, string> = new Map(Object.entries(DESCRIPTIONS))

/** What a tenant sets of a role; what is absent keeps its value. */
export interface RoleChanges {
  name: string
  description?: string | null | undefined
  defaultAccess?: DefaultAccess | undefined
}

/** By role, as the tenant has set them. */
type Defaults = ReadonlyMap<string, DefaultAccess>

const accessOf = (name: string, defaults: Defaults) =>
  isAdmin(name) ? 'all' : (defaults.get(name) ?? ownDefault(name))

function builtIn(name: string, description: string, defaults: Defaults): Role {
  return { name, builtIn: true, description, defaultAccess: accessOf(name, defaults), createdAt: null }
}

function named(role: NamedRole, defaults: Defaults): Role {
  return { ...role, builtIn: false, defaultAccess: accessOf(role.name, defaults) }
}

async function readDefaults(db: TenantDb, tenant: TenantScope): Promise<Defaults> {
  return toRoleDefaults(await db.read(tenant, selectRoleDefaults(tenant.id)))
}

/** Every role of a tenant: the built-in ones, then its own by name. */
export async function listRoles(db: TenantDb, tenant: TenantScope): Promise<Role[]> {
  const rows = await db.read(tenant, selectRoles(tenant.id))
  const defaults = await readDefaults(db, tenant)
  return [
    ...[...BUILT_IN].map(([name, description]) => builtIn(name, description, defaults)),
    ...rows.map((row) => named(toRole(row), defaults)),
  ]
}

/** One role; errors.roleNotFound. */
export async function findRole(db: TenantDb, tenant: TenantScope, name: string): Promise<Role> {
  const defaults = await readDefaults(db, tenant)
  const description = BUILT_IN.get(name)
  if (description !== undefined) return builtIn(name, description, defaults)
  const [row] = isRoleName(name) ? await db.read(tenant, selectRole(tenant.id, name)) : []
  if (row === undefined) throw errors.roleNotFound(name)
  return named(toRole(row), defaults)
}

/** Of Univera's own roles only the default access of `user` can be set; errors.roleFixed, errors.invalidParameter. */
function requireSettable({ name, description, defaultAccess }: RoleChanges): void {
  const onlyAccess = defaultAccess !== undefined && description === undefined
  if (BUILT_IN.has(name) && !(name === 'user' && onlyAccess)) throw errors.roleFixed(name)
  if (!isRoleName(name))
    throw errors.invalidParameter(
      'The name of a role is a lower-case letter, then at most 62 of a-z, 0-9, _ and -.',
    )
}

async function save(tx: Transaction, tenantId: string, changes: RoleChanges) {
  const { name, defaultAccess } = changes
  if (defaultAccess !== undefined) await saveRoleDefault(tx, tenantId, name, defaultAccess)
  const defaults = toRoleDefaults(await tx.read(selectRoleDefaults(tenantId)))
  const description = BUILT_IN.get(name)
  if (description !== undefined) return { role: builtIn(name, description, defaults), made: false }
  const { role, made } = await saveRole(tx, tenantId, changes)
  return { role: named(role, defaults), made }
}

/**
 * Creates a role of the caller's tenant, or changes it; errors.roleFixed, errors.invalidParameter.
 *
 * @returns the role, and whether it is new
 */
export async function setRole(
  db: TenantDb,
  caller: Caller,
  changes: RoleChanges,
): Promise<{ role: Role; made: boolean }> {
  requireSettable(changes)
  const { tenant } = caller
  const { name: target, defaultAccess } = changes
  const details = defaultAccess === undefined ? {} : { default_access: defaultAccess }
  return db.transaction(tenant, 'metadata', async (tx) => {
    await recordAudit(tx, caller, { action: 'role.save', target, details })
    return save(tx, tenant.id, changes)
  })
}

/** Deletes a role of the caller's tenant with its permissions; errors.roleFixed, errors.roleNotFound, errors.roleInUse. */
export async function removeRole(db: TenantDb, caller: Caller, name: string): Promise<void> {
  if (BUILT_IN.has(name)) throw errors.roleFixed(name)
  if (!isRoleName(name)) throw errors.roleNotFound(name)
  const { tenant } = caller
  await db.transaction(tenant, 'metadata', async (tx) => {
    await recordAudit(tx, caller, { action: 'role.delete', target: name })
    await deleteRole(tx, tenant.id, name)
  })
}
