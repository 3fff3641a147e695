// The first contact with an external database. An unreachable one may still be starting: it is tried again with growing
// pauses for half a minute. Refuses what waiting cannot mend: a wrong password or certificate, a missing database,
// a malformed URL.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'
import type { Log } from '../process/log.ts'

/** What stays the same however often one asks: authentication, unknown database, no right to connect, a wrong certificate. */
const FINAL = /^(28...|3D000|42501|.*CERT.*|UNABLE_TO_(GET|VERIFY).*)$/

/**
 * Waits until the database answers.
 *
 * @param patience ms until it gives up
 */
export async function waitForDatabase(url: string, log: Log, patience = 30_000): Promise<void> {
  const name = describeDatabase(url)
  const deadline = Date.now() + patience
  for (let pause = 250; ; pause = Math.min(pause * 2, 4000)) {
    const error = await tryToConnect(url)
    if (error === undefined) return
    const reason = reasonOf(error)
    if (FINAL.test(errorCode(error))) throw new StartError(`The database ${name} cannot be used: ${reason}`)
    if (Date.now() + pause > deadline) {
      throw new StartError(`The database ${name} was not reachable within ${patience / 1000} s: ${reason}`)
    }
    log.warn(`The database ${name} is not reachable (${reason}); trying again in ${pause / 1000} s`)
    await sleep(pause)
  }
}

/** Server, port and database of a URL, never its password. */
export function describeDatabase(url: string): string {
  const { host, port, database } = new pg.Client({ connectionString: url })
  return `${database} on ${host}:${port}`
}

async function tryToConnect(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return undefined
  } catch (error) {
    return error
  } finally {
    await client.end().catch(() => {})
  }
}
