// What only a test may see: the version of a record, as the database has it, and its entity tag at any version.
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import type { TestDatabase } from '../test-database.ts'

async function readRecord(database: TestDatabase, id: string) {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query(
    'select version, entity_id::float8 as entity_id from record where id = $1',
    [id],
  )
  await client.end()
  return rows[0] as { version: number; entity_id: number }
}

export async function versionOf(database: TestDatabase, id: string): Promise<number> {
  return (await readRecord(database, id)).version
}

/** Makes the tags of a record by version, as another caller has them, of an entity that has not changed. */
export async function tagsOf(app: FastifyInstance, database: TestDatabase, id: string) {
  const entity = { id: (await readRecord(database, id)).entity_id, version: 1 }
  return (version: number) => app.recordEtags.of({ entity, id, version }, 'of another caller')
}
