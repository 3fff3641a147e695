// Passwords that are guessed first, which nobody may choose (NIST SP 800-63B, 3.1.1.2): the commonest ones, whatever their
// case, and the names by which their owner signs in.
import { errors } from '../errors.ts'
import { PASSWORD_MIN_LENGTH } from './password.ts'

/** Whose password it would be. */
export interface PasswordOwner {
  username: string
  /** The name of the tenant. */
  tenant: string
}

/** Memo: the commonest passwords in lower case, once one has been asked about. */
let common: Promise<ReadonlySet<string>> | undefined

/** Some 50,000 passwords of leaks, by frequency; those too short to be chosen are left out. */
async function loadCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const texts: Iterable<string> = dictionary['passwords-common']
  return new Set([...texts].filter(({ length }) => length >= PASSWORD_MIN_LENGTH))
}

const fold = (text: string) => text.normalize('NFKC').toLowerCase().trim()

/** What is wrong with a password, as the end of a sentence; null: nothing. */
export async function weaknessOf(password: string, owner: PasswordOwner): Promise<string | null> {
  const folded = fold(password)
  const [username, tenant] = [fold(owner.username), fold(owner.tenant)]
  if (folded.slice(folded.lastIndexOf('/') + 1) === username) return 'is the user name'
  if (folded === tenant) return 'is the name of the tenant'
  common ??= loadCommon()
  return (await common).has(folded) ? 'is one of the commonest passwords, which are guessed first' : null
}

/**
 * Refuses a password that is guessed first; errors.weakPassword.
 *
 * @param pointer the member of the body that holds it
 */
export async function refuseWeakPassword(
  password: string,
  owner: PasswordOwner,
  pointer = '/password',
): Promise<void> {
  const weakness = await weaknessOf(password, owner)
  if (weakness !== null) throw errors.weakPassword(pointer, weakness)
}
