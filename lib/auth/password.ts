// Passwords: argon2id on libuv's threads, a few at a time, so that sign-ins queue behind each other and nothing else
// queues behind them. The tenants that wait are served in turn; a tenant with too many waiting is refused with 503.
import { randomBytes } from 'node:crypto'
import argon2 from 'argon2'
import { FairQueue } from '../concurrency/fair-queue.ts'

export const PASSWORD_MIN_LENGTH = 8

export const PASSWORD_MAX_LENGTH = 1024

// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
// Of its choices of equal strength the smallest: each of libuv's threads keeps the memory of its last hash for ever.
export const PASSWORD_COST = { memoryCost: 7168, timeCost: 5, parallelism: 1 }

/** Of argon2. */
export type PasswordCost = typeof PASSWORD_COST

/** Of libuv's four threads: the others stay free for files and name look-ups. */
const CONCURRENT = 2

/** Of one tenant. */
const MAX_WAITING = 300

export interface Passwords {
  /** @param tenant the name of the tenant in whose queue it waits */
  hash(password: string, tenant: string): Promise<string>
  /**
   * Whether the password fits the hash; with null (no such user) it costs the same and is false.
   *
   * @param tenant as presented: a name that no tenant has is a queue like any other
   */
  verify(hash: string | null, password: string, tenant: string): Promise<boolean>
  /** True when the hash was made at another cost than hashes are made today. */
  isOutdated(hash: string): boolean
}

/** A password for someone who did not choose one: 144 bits. */
export function generatePassword(): string {
  return randomBytes(18).toString('base64url')
}

/** The same letters are the same password on every keyboard (RFC 8265, OpaqueString). */
const normalize = (password: string): string => password.normalize('NFC')

export function hashPassword(password: string, cost = PASSWORD_COST): Promise<string> {
  return argon2.hash(normalize(password), cost)
}

export function createPasswords(cost = PASSWORD_COST): Passwords {
  const queue = new FairQueue({ running: CONCURRENT, waiting: MAX_WAITING })
  const nobodysHash = hashPassword(generatePassword(), cost)
  return {
    hash: (password, tenant) => queue.run(tenant, () => hashPassword(password, cost)),
    verify: (hash, password, tenant) =>
      queue.run(tenant, async () => {
        const fits = await argon2.verify(hash ?? (await nobodysHash), normalize(password))
        return fits && hash !== null
      }),
    isOutdated: (hash) => argon2.needsRehash(hash, cost),
  }
}
