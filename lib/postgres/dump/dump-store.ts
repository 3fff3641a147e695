// Writes all of a database into a file that any later version can restore, whatever the PostgreSQL: one snapshot, compressed.
// With a role that row-level security binds it locks the tables. Refuses a file that exists.
import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { errorCode } from '../../errors/codes.ts'
import { reasonOf, StartError } from '../../errors/start-error.ts'
import { type DumpEnd, type DumpHeader, FORMAT, ROWS_END, type TableHeader } from './dump-lines.ts'
import { liftRowSecurity, listSequences, listTables } from './tables-store.ts'

/** What a dump holds, and what a restore has put back. */
export interface DumpReport {
  tables: number
}

export interface DumpOptions {
  /** What else is read in the same snapshot. */
  inSnapshot?: (client: pg.Client) => Promise<void>
  /** Takes how many bytes were read so far. */
  onBytes?: (bytes: number) => void
}

/** Dumps the database of the URL; StartError when it or the file cannot be used. */
export async function dumpDatabase(
  url: string,
  file: string,
  options: DumpOptions = {},
): Promise<DumpReport> {
  if (existsSync(file)) throw new StartError(`${file} exists: name another file.`)
  const client = new pg.Client({ connectionString: url, application_name: 'univera dump' })
  client.on('error', () => {})
  await client.connect()
  const draft = `${file}.part`
  try {
    const report = { tables: 0 }
    // Private: it holds the hashes of passwords.
    const target = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true })
    await pipeline(dumpLines(client, report, options), createGzip(), target)
    await rename(draft, file)
    return report
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') await rm(draft, { force: true })
    throw isOfFile(error)
      ? new StartError(`The dump cannot be written: ${reasonOf(error)}`, { cause: error })
      : error
  } finally {
    await client.end()
  }
}

const isOfFile = (error: unknown): boolean => /^E[A-Z]+$/.test(errorCode(error))

async function* dumpLines(
  client: pg.Client,
  report: DumpReport,
  { inSnapshot, onBytes }: DumpOptions,
): AsyncGenerator<string | Buffer> {
  let bytes = 0
  await client.query(`set statement_timeout to 0; set timezone to 'UTC'; set datestyle to 'ISO'`)
  await client.query('begin isolation level repeatable read')
  const tables = await listTables(client)
  // Undone by the end of the transaction, which changes nothing else.
  await liftRowSecurity(client, tables)
  await inSnapshot?.(client)
  yield toLine<DumpHeader>({
    format: FORMAT,
    created_at: new Date().toISOString(),
    migrations: await appliedNames(client),
  })
  for (const { name, columns } of tables) {
    yield toLine<TableHeader>({ table: name, columns })
    for await (const chunk of client.query(copyTo(`copy ${name} (${columns}) to stdout`))) {
      bytes += chunk.length
      onBytes?.(bytes)
      yield chunk
    }
    yield `${ROWS_END}\n`
    report.tables += 1
  }
  yield toLine<DumpEnd>({ end: true, sequences: await lastValues(client) })
  await client.query('rollback')
}

const toLine = <T extends object>(section: T): string => `${JSON.stringify(section)}\n`

async function appliedNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from migration order by name')
  return rows.map(({ name }) => name)
}

async function lastValues(client: pg.Client): Promise<DumpEnd['sequences']> {
  const values: DumpEnd['sequences'] = {}
  for (const name of await listSequences(client)) {
    const { rows } = await client.query(`select last_value, is_called from ${name}`)
    values[name] = rows[0].is_called ? rows[0].last_value : null
  }
  return values
}
