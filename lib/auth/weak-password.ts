// Recognizes passwords that are guessed first: the user's own name, and those that many people have chosen.
// https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver (a blocklist of commonly used and context-specific values)
import { PASSWORD_MIN_LENGTH } from './password.ts'

/** The list is large and read only when somebody chooses a password; a shorter one is refused anyway. */
let common: Promise<ReadonlySet<string>> | undefined

async function readCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const passwords: readonly string[] = dictionary['passwords-common']
  return new Set(passwords.filter(({ length }) => length >= PASSWORD_MIN_LENGTH))
}

/**
 * Why a password is too easy to guess, to follow its name in a message; null when it is not. Case makes no difference.
 *
 * @param username the name of its user, without the tenant's
 */
export async function weaknessOf(password: string, username: string): Promise<string | null> {
  const folded = password.normalize('NFC').toLowerCase()
  if (folded === username.normalize('NFC').toLowerCase()) return 'must not be the user name'
  common ??= readCommon()
  return (await common).has(folded) ? 'is one of the most common passwords; choose another' : null
}
