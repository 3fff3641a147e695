// The PostgreSQL of the tests: started once by test/run.ts, or by a test file that is run alone. It holds a migrated
// template, of which test files take copies (createTestDatabase in test-database.ts).
import { access, constants, mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorCode } from '../../lib/errors/codes.ts'
import { startEmbedded } from '../../lib/postgres/embedded/embedded.ts'
import { findPostmaster } from '../../lib/postgres/embedded/postmaster.ts'
import { migrate } from '../../lib/postgres/migrate.ts'
import { silentLog } from '../../lib/process/log.ts'
import { citusVariable, makeCitusTemplate, nodesOf, query } from './citus/cluster.ts'

/** Carries the URL of the template from test/run.ts to the test files. */
export const templateVariable = 'UNIVERA_TEST_TEMPLATE'

const prefix = 'univera-test-by-'

/** Set by whoever wants the tests to run on another PostgreSQL: a superuser's URL. */
const serverVariable = 'UNIVERA_TEST_SERVER'

export interface TestServer {
  url: string
  stop(): Promise<void>
}

/** Where Linux keeps files in memory: a database is copied there in a tenth of the time that a disk takes. */
const MEMORY = '/dev/shm'

/** Bytes that the memory has to have left: many times what the tests of the fast tier leave in it. */
const ROOM = 2 ** 31

/** Starts a server with a migrated template and returns the template's URL. */
export async function startTestServer({ inMemory = true } = {}): Promise<TestServer> {
  const given = process.env[citusVariable] ?? process.env[serverVariable]
  const parent = inMemory && (await hasRoom(MEMORY)) ? MEMORY : tmpdir()
  const server = given === undefined ? await startTemporary(parent) : { url: given, stop: async () => {} }
  const url = urlOfDatabase(server.url, `univera_template_${process.pid}`)
  const isOnCitus = process.env[citusVariable] !== undefined
  await administer(url, isOnCitus ? 'create database $ template template0' : 'create database $')
  await (isOnCitus ? makeCitusTemplate(url) : migrate(url, silentLog))
  const stop = async () => {
    await administer(url, 'drop database $ with (force)')
    await server.stop()
  }
  return { url, stop }
}

async function hasRoom(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.W_OK)
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize >= ROOM
  } catch {
    return false
  }
}

async function startTemporary(parent: string): Promise<TestServer> {
  await removeAbandoned(parent)
  const dataDir = await mkdtemp(join(parent, `${prefix}${process.pid}-`))
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_wal_size: '256MB',
    max_connections: '200',
  }
  const server = await startEmbedded({ dataDir, log: silentLog, settings })
  // Whatever ends this process early; after a kill -9 the next run cleans up.
  process.once('exit', server.abandon)
  const stop = async () => {
    process.off('exit', server.abandon)
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { url: server.url, stop }
}

/** Stops the servers of test runs that were killed, and removes their files. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
    if (!(owner > 0) || isRunning(owner)) continue
    const directory = join(parent, name)
    const postmaster = await findPostmaster(join(directory, 'postgres', 'data'))
    if (postmaster) process.kill(postmaster.pid, 'SIGQUIT')
    await rm(directory, { recursive: true, force: true, maxRetries: 5 }).catch(() => {})
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/** Runs a statement about a database (`$`) from the outside; on Citus on each node. */
export async function administer(url: string, statement: string): Promise<void> {
  for (const node of await nodesOf(url))
    await query(urlOfDatabase(node, 'postgres'), statement.replace('$', databaseOf(url)))
}

export function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1)
}

export function urlOfDatabase(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}
