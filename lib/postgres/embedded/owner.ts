// Whom the embedded PostgreSQL runs as. It refuses root, so a server started as root lends it another account:
// the one that owns the database already, else `nobody`. Refuses a database of somebody else.
import { readFileSync, type Stats, statSync } from 'node:fs'
import { lchown, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf, StartError } from '../../errors/start-error.ts'

export interface Owner {
  uid: number
  gid: number
}

/** The unprivileged accounts that a system has; initdb wants one with a name. */
const candidates = ['nobody', 'daemon', 'postgres']

/**
 * Chooses the account for PostgreSQL.
 *
 * @param directory where the database is or will be
 * @returns undefined when PostgreSQL runs as this process does
 */
export function chooseOwner(directory: string): Owner | undefined {
  const self = process.geteuid?.()
  if (self === undefined) return undefined
  const present = lookAt(directory)
  if (self !== 0) {
    if (present && present.uid !== self) throw foreignDatabase(directory, present.uid)
    return undefined
  }
  return present && present.uid !== 0 ? { uid: present.uid, gid: present.gid } : unprivilegedAccount()
}

/**
 * Gives a directory with all that is in it to the account, unless it is the account's: a copy that root has made is root's.
 */
export async function giveTree(directory: string, owner: Owner): Promise<void> {
  const names = await readdir(directory, { recursive: true })
  for (const path of [directory, ...names.map((name) => join(directory, name))]) {
    const { uid } = await lstat(path)
    // Not what a link leads to: that may be anything.
    if (uid !== owner.uid) await lchown(path, owner.uid, owner.gid)
  }
}

function lookAt(directory: string): Stats | undefined {
  try {
    return statSync(directory, { throwIfNoEntry: false })
  } catch (error) {
    throw new StartError(`The database in ${directory} cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

function foreignDatabase(directory: string, uid: number): StartError {
  return new StartError(
    `The database in ${directory} belongs to another user (uid ${uid}): start Univera as that user or as root, ` +
      'or set DATA_DIR to a directory of your own.',
  )
}

function unprivilegedAccount(): Owner {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of candidates) {
    const account = accounts.find((fields) => fields[0] === name)
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) }
  }
  throw new StartError(
    `PostgreSQL does not run as root, and none of the accounts ${candidates.join(', ')} is here to run it as: ` +
      'start Univera as another user or set DATABASE_URL.',
  )
}
