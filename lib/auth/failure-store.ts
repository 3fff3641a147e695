// Failed attempts in the database, so that all processes and instances count together.
import { createHash } from 'node:crypto'

/** How often a key has failed in its minute, and how many milliseconds that still lasts. */
export interface Failures {
  failures: number
  remaining: number
}

/** Counts that several processes share; of keys without failures nothing is said. */
export interface SharedFailures {
  /** @param tenant the name of the tenant that is signed in to, existing or not */
  read(tenant: string, keys: readonly string[]): Promise<Map<string, Failures>>
  add(tenant: string, keys: readonly string[]): Promise<Map<string, Failures>>
}

interface Row {
  place: number
  failed: number
  remaining: number
}

/** Calls a function where the failures of sign-ins at the tenant of that name are counted; its first argument, $1, is put in. */
type Call = (tenant: string, text: string, values: unknown[]) => Promise<Row[]>

const hash = (key: string) => createHash('sha256').update(key).digest()

/** The shared counts behind a database. */
export function sharedFailures(call: Call): SharedFailures {
  type How = { name: string; tenant: string }
  async function run({ name, tenant }: How, keys: readonly string[]): Promise<Map<string, Failures>> {
    const text = `select place::int, failed, remaining from ${name}($1, $2)`
    const rows = await call(tenant, text, [keys.map(hash)])
    return new Map(
      rows.map(({ place, failed, remaining }) => [
        keys[place - 1] as string,
        { failures: failed, remaining },
      ]),
    )
  }
  return {
    read: (tenant, keys) => run({ name: 'read_failures', tenant }, keys),
    add: (tenant, keys) => run({ name: 'add_failures', tenant }, keys),
  }
}
