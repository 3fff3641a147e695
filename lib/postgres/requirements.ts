// What Univera needs of a database, looked at before anything is done with it. Refuses a PostgreSQL before 13, a
// database that cannot store every text, and one that takes no writes.
import type pg from 'pg'
import { StartError } from '../errors/start-error.ts'

const oldestVersion = 130000

/** Refuses a database that Univera cannot work on. */
export async function refuseUnfit(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
       current_setting('server_encoding') as encoding, current_setting('transaction_read_only') = 'on' as read_only`,
  )
  const { version, number, encoding, read_only: readOnly } = rows[0]
  if (number < oldestVersion) {
    throw new StartError(`The database is PostgreSQL ${version}; Univera needs 13 or newer.`)
  }
  if (encoding !== 'UTF8') {
    throw new StartError(
      `The database ${database} is encoded in ${encoding}; Univera needs UTF8: ` +
        `create database ... encoding 'UTF8' template template0.`,
    )
  }
  if (readOnly)
    throw new StartError(`The database ${database} is read-only, or a standby; Univera has to write.`)
}
