// The roles of a tenant, as its admins manage them: Univera's own, of which the right to upload and the default access of `user`
// can be changed, and those that the tenant has named. A change is one transaction, its audit entry included. What a role may do is set
// entity by entity, in permissions-store.ts.
import { type DefaultAccess, ownDefault } from '../../access/permission.ts'
import { saveRoleDefault, selectRoleDefaults, toRoleDefaults } from '../../access/permission-store.ts'
import { ANONYMOUS, type BUILT_IN_ROLES, isAdmin, isRoleName } from '../../access/roles.ts'
import {
  mayUpload,
  saveUploadRight,
  selectUploadRights,
  toUploadRights,
  type UploadRights,
} from '../../access/upload-right-store.ts'
import { recordAudit } from '../../audit/audit-store.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Statement, TenantDb, TextRow, Transaction } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import { deleteRole, type NamedRole, saveRole, selectRole, selectRoles, toRole } from '../role-store.ts'

export interface Role {
  name: string
  builtIn: boolean
  description: string | null
  /** What it may do with entities for which no permission of it is stored. */
  defaultAccess: DefaultAccess | 'all'
  /** Whether it may upload files. */
  uploadFiles: boolean
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
  uploadFiles?: boolean | undefined
}

/** What the tenant has set, by role. */
interface RoleSettings {
  defaults: ReadonlyMap<string, DefaultAccess>
  uploads: UploadRights
}

function rightsOf(name: string, { defaults, uploads }: RoleSettings) {
  const defaultAccess = isAdmin(name) ? 'all' : (defaults.get(name) ?? ownDefault(name))
  return { defaultAccess, uploadFiles: mayUpload(name, uploads) } as const
}

function builtIn(name: string, description: string, settings: RoleSettings): Role {
  return { name, builtIn: true, description, ...rightsOf(name, settings), createdAt: null }
}

function named(role: NamedRole, settings: RoleSettings): Role {
  return { ...role, builtIn: false, ...rightsOf(role.name, settings) }
}

async function readSettings(
  read: (statement: Statement) => Promise<TextRow[]>,
  tenantId: string,
): Promise<RoleSettings> {
  const defaults = toRoleDefaults(await read(selectRoleDefaults(tenantId)))
  return { defaults, uploads: toUploadRights(await read(selectUploadRights(tenantId))) }
}

/** Every role of a tenant: the built-in ones, then its own by name. */
export async function listRoles(db: TenantDb, tenant: TenantScope): Promise<Role[]> {
  const rows = await db.read(tenant, selectRoles(tenant.id))
  const settings = await readSettings((statement) => db.read(tenant, statement), tenant.id)
  return [
    ...[...BUILT_IN].map(([name, description]) => builtIn(name, description, settings)),
    ...rows.map((row) => named(toRole(row), settings)),
  ]
}

/** One role; errors.roleNotFound. */
export async function findRole(db: TenantDb, tenant: TenantScope, name: string): Promise<Role> {
  const settings = await readSettings((statement) => db.read(tenant, statement), tenant.id)
  const description = BUILT_IN.get(name)
  if (description !== undefined) return builtIn(name, description, settings)
  const [row] = isRoleName(name) ? await db.read(tenant, selectRole(tenant.id, name)) : []
  if (row === undefined) throw errors.roleNotFound(name)
  return named(toRole(row), settings)
}

/** Whether the changes are of what can be set of Univera's own role: the right to upload, and the default access of `user`. */
function fitsBuiltIn({ name, description, defaultAccess, uploadFiles }: RoleChanges): boolean {
  if (description !== undefined || (defaultAccess !== undefined && name !== 'user')) return false
  return defaultAccess !== undefined || uploadFiles !== undefined
}

/** errors.roleFixed, errors.invalidParameter. */
function requireSettable(changes: RoleChanges): void {
  const { name } = changes
  if (BUILT_IN.has(name) && !fitsBuiltIn(changes)) throw errors.roleFixed(name)
  if (!isRoleName(name))
    throw errors.invalidParameter(
      'The name of a role is a lower-case letter, then at most 62 of a-z, 0-9, _ and -.',
    )
}

async function save(tx: Transaction, tenantId: string, changes: RoleChanges) {
  const { name, defaultAccess, uploadFiles } = changes
  if (defaultAccess !== undefined) await saveRoleDefault(tx, tenantId, name, defaultAccess)
  if (uploadFiles !== undefined) await saveUploadRight(tx, tenantId, name, uploadFiles)
  const settings = await readSettings((statement) => tx.read(statement), tenantId)
  const description = BUILT_IN.get(name)
  if (description !== undefined) return { role: builtIn(name, description, settings), made: false }
  const { role, made } = await saveRole(tx, tenantId, changes)
  return { role: named(role, settings), made }
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
  const { name: target, defaultAccess, uploadFiles } = changes
  const details = {
    ...(defaultAccess === undefined ? {} : { default_access: defaultAccess }),
    ...(uploadFiles === undefined ? {} : { upload_files: uploadFiles }),
  }
  if (target === 'operator' && caller.role !== 'operator') throw errors.forbidden('the role operator')
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
