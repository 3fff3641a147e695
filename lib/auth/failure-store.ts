// Failed attempts in the database, so that all processes and instances count together.
import { createHash } from 'node:crypto'

/** How often a key has failed in its minute, and how many milliseconds that still lasts. */
export interface Failures {
  failures: number
  remaining: number
}

/** Counts that several processes share; of keys without failures nothing is said. */
export interface SharedFailures {
  read(keys: readonly string[]): Promise<Map<string, Failures>>
  add(keys: readonly string[]): Promise<Map<string, Failures>>
}

interface Row {
  place: number
  failed: number
  remaining: number
}

/** Calls a function that belongs to no tenant. */
type Call = (text: string, values: unknown[]) => Promise<Row[]>

const hash = (key: string) => createHash('sha256').update(key).digest()

/** The shared counts behind a database. */
export function sharedFailures(call: Call): SharedFailures {
  async function run(name: string, keys: readonly string[]): Promise<Map<string, Failures>> {
    const text = `select place::int, failed, remaining from ${name}($1)`
    const rows = await call(text, [keys.map(hash)])
    return new Map(
      rows.map(({ place, failed, remaining }) => [
        keys[place - 1] as string,
        { failures: failed, remaining },
      ]),
    )
  }
  return {
    read: (keys) => run('read_failures', keys),
    add: (keys) => run('add_failures', keys),
  }
}
