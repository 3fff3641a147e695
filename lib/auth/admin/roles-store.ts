// The roles of a tenant, as its admins manage them: Univera's own, which cannot be changed, and those that the tenant has
// named. A change is one transaction, its audit entry included. What a role may do is set entity by entity, in
// permissions-store.ts.
import { ANONYMOUS, type BUILT_IN_ROLES, isRoleName } from '../../access/roles.ts'
import { recordAudit } from '../../audit/audit-store.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import { deleteRole, type NamedRole, saveRole, selectRole, selectRoles, toRole } from '../role-store.ts'

export interface Role {
  name: string
  builtIn: boolean
  description: string | null
  /** ISO 8601, UTC; null for a built-in role. */
  createdAt: string | null
}

const DESCRIPTIONS: Readonly<Record<(typeof BUILT_IN_ROLES)[number] | typeof ANONYMOUS, string>> = {
  operator: 'Runs the platform',
  admin: 'May do everything in their tenant',
  user: 'Reads all records, changes and deletes their own, unless a permission says otherwise',
  [ANONYMOUS]: 'Callers without a token; may do what a permission grants',
}

const BUILT_IN: ReadonlyMap<string, Role> = new Map(
  Object.entries(DESCRIPTIONS).map(([name, description]) => [
    name,
    { name, builtIn: true, description, createdAt: null },
  ]),
)

const ofTenant = (role: NamedRole): Role => ({ ...role, builtIn: false })

/** Every role of a tenant: the built-in ones, then its own by name. */
export async function listRoles(db: TenantDb, tenant: TenantScope): Promise<Role[]> {
  const rows = await db.read(tenant, selectRoles(tenant.id))
  return [...BUILT_IN.values(), ...rows.map((row) => ofTenant(toRole(row)))]
}

/** One role; errors.roleNotFound. */
export async function findRole(db: TenantDb, tenant: TenantScope, name: string): Promise<Role> {
  const builtIn = BUILT_IN.get(name)
  if (builtIn !== undefined) return builtIn
  const [row] = isRoleName(name) ? await db.read(tenant, selectRole(tenant.id, name)) : []
  if (row === undefined) throw errors.roleNotFound(name)
  return ofTenant(toRole(row))
}

/**
 * Creates a role of the caller's tenant or replaces its description; errors.roleFixed, errors.invalidParameter.
 *
 * @returns the role, and whether it is new
 */
export async function setRole(
  db: TenantDb,
  caller: Caller,
  { name, description }: { name: string; description: string | null },
): Promise<{ role: Role; made: boolean }> {
  if (BUILT_IN.has(name)) throw errors.roleFixed(name)
  if (!isRoleName(name))
    throw errors.invalidParameter(
      'The name of a role is a lower-case letter, then at most 62 of a-z, 0-9, _ and -.',
    )
  const { tenant } = caller
  return db.transaction(tenant, 'metadata', async (tx) => {
    await recordAudit(tx, caller, { action: 'role.save', target: name })
    const { role, made } = await saveRole(tx, tenant.id, name, description)
    return { role: ofTenant(role), made }
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
