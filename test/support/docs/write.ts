// `npm run docs`: writes what is generated in docs/, the tables and schema.sql, on a PostgreSQL of its own.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../../../app.ts'
import { parseSettings } from '../../../lib/config.ts'
import { appRole } from '../../../lib/postgres/app-role.ts'
import { startTestServer } from '../test-server.ts'
import { withTables } from './generated.ts'
import { pages, readPage } from './markdown.ts'
import { schemaSql } from './schema-sql.ts'
import { makeTables } from './tables.ts'

const SECRET_KEY = 'only to write the documentation, 32 bytes'

/** The document of the static API. */
async function staticDocument(url: string, directory: string) {
  const settings = { ...parseSettings({ FILE_STORAGE_PATH: directory }), SECRET_KEY }
  const app = await buildApp(settings, { url, role: appRole, schema: 'public' })
  try {
    return (await app.inject('/docs/json')).json()
  } finally {
    await app.close()
  }
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'univera-docs-'))
  const server = await startTestServer()
  try {
    const tables = makeTables(await staticDocument(server.url, directory))
    for (const page of pages) await writeFile(page, withTables(readPage(page), tables))
    await writeFile(join('docs', 'schema.sql'), await schemaSql(server.url))
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

await main()
