// The built-in roles and the access that a route requires. A role that a tenant has named grants no access beyond being signed
// in.

/** The roles that every tenant has, from the most to the least privileged. */
export const BUILT_IN_ROLES = ['operator', 'admin', 'user'] as const

/**
 * What a route requires of its caller: nothing (`public`; a token is not even read), nothing but a valid token if one is
 * sent (`anyone`), being signed in or a visitor of a tenant that grants something to `anonymous` (`visitor`), being signed in
 * (`user`), or a role.
 */
export type Access = 'public' | 'anyone' | 'visitor' | 'user' | 'admin' | 'operator'

/** The role of callers without a token. */
export const ANONYMOUS = 'anonymous'

export function isBuiltIn(role: string): boolean {
  return (BUILT_IN_ROLES as readonly string[]).includes(role)
}

/** The names that a role may have. */
export const ROLE_PATTERN = '^[a-z][a-z0-9_-]{0,62}$'

export function isRoleName(name: string): boolean {
  return new RegExp(ROLE_PATTERN).test(name)
}

/** The id that stands for a caller without an account. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

/** Whether the role administers its tenant; an operator is an admin, too. */
export function isAdmin(role: string): boolean {
  return role === 'admin' || role === 'operator'
}

/** Whether a signed-in caller of the role may use a route that requires the access. */
export function mayAccess(role: string, access: Access): boolean {
  if (access === 'operator') return role === 'operator'
  return access !== 'admin' || isAdmin(role)
}
