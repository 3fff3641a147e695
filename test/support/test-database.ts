// What test files share.

import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { appRole } from '../../lib/postgres/app-role.ts'
import type { Migrated } from '../../lib/postgres/migrate.ts'
import { citusVariable } from './citus/cluster.ts'
import { administer, databaseOf, startTestServer, templateVariable, urlOfDatabase } from './test-server.ts'

/** What buildApp takes of a database. */
export interface TestDatabase extends Migrated {
  url: string
  poolSize?: number
  connectTimeout?: number
}

/** A new database with all of Univera's tables, made in a few dozen milliseconds, dropped when the test ends. */
export async function createTestDatabase(test: Test): Promise<TestDatabase> {
  const template = process.env[templateVariable] ?? (await ownTemplate())
  const url = await createDatabase(test, template)
  const database = { url, role: appRole, schema: 'public' }
  return process.env[citusVariable] === undefined ? database : { ...database, isDistributed: true }
}

/** A new database without any table on each node of Citus. */
export async function createDatabaseOfNodes(test: Test): Promise<string> {
  const server = process.env[templateVariable] ?? (await ownTemplate())
  const url = urlOfDatabase(server, `test_${randomUUID().replaceAll('-', '')}`)
  await administer(url, 'create database $ template template0')
  test.teardown(() => administer(url, 'drop database $ with (force)'))
  return url
}

/** A new database without any table. */
export async function createEmptyDatabase(test: Test): Promise<string> {
  const server = process.env[templateVariable] ?? (await ownTemplate())
  return createDatabase(test, urlOfDatabase(server, 'template0'))
}

async function createDatabase(test: Test, template: string): Promise<string> {
  const url = urlOfDatabase(template, `test_${randomUUID().replaceAll('-', '')}`)
  // As files, not through the log: half the work where nothing waits for a disk.
  await administer(url, `create database $ template ${databaseOf(template)} strategy file_copy`)
  test.teardown(() => administer(url, 'drop database $ with (force)'))
  return url
}

let own: Promise<string> | undefined

/** For a test file that is run without test/run.ts: a server that ends with the file. */
function ownTemplate(): Promise<string> {
  own ??= startTestServer().then(({ url, stop }) => {
    t.teardown(stop)
    return url
  })
  return own
}
