// Roles, users and permissions of an export: names and rules that a server could have stored. Nobody becomes an operator here.
import { DEFAULT_ACCESSES, VERBS } from '../access/permission.ts'
import { isBuiltIn, isRoleName } from '../access/roles.ts'
import { isUsername } from '../auth/login-name.ts'
import { caseless } from '../fields/caseless.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import { type Row, refuseRow } from './row-check.ts'

/** A hash of argon2id that costs a sign-in no more than a few of today's. */
const HASH =
  /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d)\$[A-Za-z0-9+/]{10,100}\$[A-Za-z0-9+/]{20,200}$/

const MOST_MEMORY = 2 ** 18

const MOST_ROUNDS = 20

export function checkRole(row: Row): Row {
  const { name } = row as { name: string }
  return isRoleName(name) && !isBuiltIn(name) ? row : refuseRow('role', 'has no name of a role')
}

/** An operator is an admin of the tenant that comes. */
export function checkAccount(row: Row): Row {
  const { username, role, password_hash } = row as Record<string, string>
  const [, memory, rounds] = HASH.exec(password_hash ?? '') ?? []
  if (!isUsername(username ?? '')) refuseRow('account', 'has no user name')
  if (!isRoleName(role ?? '')) refuseRow('account', 'has no role')
  if (!(Number(memory) <= MOST_MEMORY && Number(rounds) <= MOST_ROUNDS))
    refuseRow('account', 'has no hash of a password')
  return { ...row, role: role === 'operator' ? 'admin' : role, username_key: caseless(username ?? '') }
}

export function checkRoleDefault(row: Row): Row {
  const isAccess = (DEFAULT_ACCESSES as readonly unknown[]).includes(row.access)
  return isAccess && isRoleName(row.role as string)
    ? row
    : refuseRow('role_default', 'sets no access of a role')
}

export function checkUploadRight(row: Row): Row {
  return isRoleName(row.role as string) ? row : refuseRow('upload_right', 'has no role')
}

/** The permission with only what a permission has. */
export function checkPermission(row: Row): Row {
  const { fields, ...rules } = row.definition as Row
  const { read = undefined, write = undefined } = (fields ?? {}) as Row
  const isRight =
    isRoleName(row.role as string) &&
    VERBS.every((verb) => isRule(rules[verb])) &&
    isList(read) &&
    isList(write)
  if (!isRight) return refuseRow('permission', 'is none that a role can have')
  const kept = Object.fromEntries(VERBS.map((verb) => [verb, rules[verb]]))
  return { ...row, definition: { ...kept, fields: { read, write } } }
}

const isTexts = (values: readonly unknown[]) =>
  values.every((value) => typeof value === 'string' && value.length < 100)

const isList = (value: unknown) =>
  value === null || (Array.isArray(value) && value.length <= 1000 && isTexts(value))

function isRule(rule: unknown): boolean {
  if (typeof rule === 'boolean') return true
  const { filter, fields, ...more } = (rule ?? {}) as Row
  if (
    typeof filter !== 'string' ||
    typeof fields !== 'object' ||
    fields === null ||
    Object.keys(more).length > 0
  )
    return false
  try {
    parseQuery(filter)
  } catch {
    return false
  }
  return isTexts(Object.values(fields))
}
