// What a user types to sign in: `alice` in the default tenant, `acme/alice` in another. Comes in as text,
// goes out as tenant and user name, or as null when no account can have that name.
import { DEFAULT_TENANT, TENANT_NAME_PATTERN } from '../db/tenant.ts'

/** Printable characters but `/`; no space at either end. */
export const USERNAME_PATTERN =
  '^[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Z}/](?:[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}/]*[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Z}/])?$'

export const USERNAME_MAX_LENGTH = 255

const USERNAME = new RegExp(USERNAME_PATTERN, 'u')

const TENANT_NAME = new RegExp(TENANT_NAME_PATTERN)

export interface LoginName {
  tenant: string
  username: string
}

/** The form in which a user name is stored: the same letters are the same name, however typed. Comparing ignores case, too. */
export function normalizeUsername(name: string): string {
  return name.normalize('NFC')
}

export function isUsername(name: string): boolean {
  return (
    name.length <= USERNAME_MAX_LENGTH * 2 && [...name].length <= USERNAME_MAX_LENGTH && USERNAME.test(name)
  )
}

/** Reads `username` or `tenant/username`. */
export function parseLoginName(text: string): LoginName | null {
  const slash = text.indexOf('/')
  const tenant = slash === -1 ? DEFAULT_TENANT : text.slice(0, slash)
  const username = text.slice(slash + 1)
  if (!TENANT_NAME.test(tenant) || !isUsername(username)) return null
  return { tenant, username: normalizeUsername(username) }
}
