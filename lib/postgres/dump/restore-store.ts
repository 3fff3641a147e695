// Fills a new database from a dump: the tables as the dump's migrations made them, all rows in one transaction, then the
// migrations since. Refuses a database that is in use, and a dump of a newer version.
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { errorCode } from '../../errors/codes.ts'
import { reasonOf, StartError } from '../../errors/start-error.ts'
import type { Log } from '../../process/log.ts'
import { migrate } from '../migrate.ts'
import { migrationNames } from '../migrations.ts'
import { withSession } from '../session.ts'
import { type DumpEnd, DumpReader } from './dump-lines.ts'
import type { DumpReport } from './dump-store.ts'
import { liftRowSecurity, listTables, type Table } from './tables-store.ts'

/** Restores into the database of the URL; StartError when it or the file cannot be used. Nothing is kept of a failure. */
export async function restoreDatabase(url: string, file: string, log: Log): Promise<DumpReport> {
  return withDump(url, file, async (reader, migrations) => {
    await migrate(url, log, migrations)
    const report = await load(url, reader)
    await migrate(url, log)
    return report
  })
}

/** StartError when the dump cannot be restored into the database, as far as can be said before it is tried. */
export async function requireRestorable(url: string, file: string): Promise<void> {
  await withDump(url, file, async () => {})
}

/** Opens a dump that this version can restore into this database. */
async function withDump<T>(
  url: string,
  file: string,
  work: (reader: DumpReader, migrations: string[]) => Promise<T>,
): Promise<T> {
  const source = createReadStream(file)
  const unzipped = createGunzip()
  // The error reaches the reader of the stream.
  pipeline(source, unzipped).catch(() => {})
  try {
    const reader = new DumpReader(unzipped)
    const { migrations } = await readHeader(reader, source)
    await refuseNewerDump(migrations)
    await refuseUsed(url, migrations)
    return await work(reader, migrations)
  } catch (error) {
    const isOfFile = /^(Z_|E[A-Z]+$)/.test(errorCode(error))
    throw isOfFile ? new StartError(`The dump cannot be read: ${reasonOf(error)}`, { cause: error }) : error
  } finally {
    source.destroy()
    unzipped.destroy()
  }
}

/** A file that is missing, or compressed by nothing, ends the stream before there is a header. */
async function readHeader(reader: DumpReader, source: Readable) {
  try {
    return await reader.header()
  } catch (error) {
    throw source.errored ?? error
  }
}

async function refuseNewerDump(migrations: readonly string[]): Promise<void> {
  const known = await migrationNames()
  const unknown = migrations.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new StartError(
    `A newer Univera has written the dump (${unknown.join(', ')} is unknown here): restore it with that version or a newer one.`,
  )
}

/** What a restore that failed has left, tables without a user, may be filled; migrations insert one tenant without a name. */
async function refuseUsed(url: string, migrations: readonly string[]): Promise<void> {
  await withSession(url, 'univera restore', async (client) => {
    const { rows } = await client.query(`select to_regclass('migration') is not null as present`)
    if (!rows[0].present) return
    await client.query('begin')
    await liftRowSecurity(client, await listTables(client))
    const { rows: found } = await client.query(
      `select exists (select from tenant where name <> '') or exists (select from migration where name <> all ($1)) as used`,
      [migrations],
    )
    await client.query('rollback')
    if (found[0].used)
      throw new StartError(
        'The database is in use: restore into a new one, before a server has started on it.',
      )
  })
}

function load(url: string, reader: DumpReader): Promise<DumpReport> {
  return withSession(url, 'univera restore', async (client) => {
    await client.query(`set statement_timeout to 0; set timezone to 'UTC'; set datestyle to 'ISO'; begin`)
    const tables = await listTables(client)
    const restoreSecurity = await liftRowSecurity(client, tables)
    await emptyTables(client, tables)
    const report = { tables: 0 }
    let section = await reader.section()
    for (; 'table' in section; section = await reader.section()) {
      const { table, columns } = section
      const target = client.query(copyFrom(`copy ${pg.escapeIdentifier(table)} (${columns}) from stdin`))
      await pipeline(Readable.from(reader.rows(), { objectMode: true }), target)
      report.tables += 1
    }
    await setSequences(client, section)
    await restoreSecurity()
    await client.query('commit')
    await client.query('analyze')
    return report
  })
}

/** Takes out what migrations have inserted: the dump has it, too. */
async function emptyTables(client: pg.Client, tables: readonly Table[]): Promise<void> {
  await client.query(`truncate ${tables.map(({ name }) => pg.escapeIdentifier(name)).join(', ')}`)
}

async function setSequences(client: pg.Client, { sequences }: DumpEnd): Promise<void> {
  for (const [name, value] of Object.entries(sequences))
    if (value !== null) await client.query('select setval($1::text::regclass, $2)', [name, value])
}
