// Who may do what, by role alone: the roles that Univera itself knows and the access that a route asks for.
// A tenant's own roles (any other name) count as signed in and nothing more.

/** The roles that exist without being named by a tenant, the mightiest first. */
export const BUILT_IN_ROLES = ['operator', 'admin', 'user'] as const

/**
 * What a route asks of its caller: nothing (`public`; a token is not even read), a valid token if there is one
 * (`anyone`), being signed in or else a visitor of a tenant that has opened something to `anonymous` (`visitor`), being
 * signed in (`user`), or a role.
 */
export type Access = 'public' | 'anyone' | 'visitor' | 'user' | 'admin' | 'operator'

/** The role of whoever sends no token. */
export const ANONYMOUS = 'anonymous'

export function isBuiltIn(role: string): boolean {
  return (BUILT_IN_ROLES as readonly string[]).includes(role)
}

/** What a role may be called. */
export const ROLE_PATTERN = '^[a-z][a-z0-9_-]{0,62}$'

export function isRoleName(name: string): boolean {
  return new RegExp(ROLE_PATTERN).test(name)
}

/** The id of whoever has no account. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

/** True for the roles that administer their tenant: an operator is an admin too. */
export function isAdmin(role: string): boolean {
  return role === 'admin' || role === 'operator'
}

/** Whether a signed-in caller of this role may use a route of this access. */
export function mayAccess(role: string, access: Access): boolean {
  if (access === 'operator') return role === 'operator'
  return access !== 'admin' || isAdmin(role)
}
