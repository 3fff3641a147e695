// The operator's commands, `npm run admin -- ...`: what the API cannot do, because nobody can sign in to ask for it.
// Works while the server runs and while it does not. Exit code 1, with the reason, when a command is refused.
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { resetPassword } from './lib/auth/account-recovery-store.ts'
import { loadDatabaseSettings } from './lib/config.ts'
import { StartError } from './lib/errors/start-error.ts'
import { dumpDatabase } from './lib/postgres/dump/dump-store.ts'
import { restoreDatabase } from './lib/postgres/dump/restore-store.ts'
import { findEmbedded, hasEmbedded } from './lib/postgres/embedded/embedded.ts'
import { distribute } from './lib/postgres/migrate.ts'
import { openDatabase, reachDatabase } from './lib/postgres/open.ts'
import { toStartError } from './lib/postgres/startup-error.ts'
import { silentLog } from './lib/process/log.ts'
import { announce } from './lib/process/logger.ts'
import db from './plugins/db.ts'

/** Milliseconds that an embedded database gets to close. */
const PATIENCE = 5000

const usage = `Usage: npm run admin -- COMMAND

  reset-password USER   gives USER a new password, prints it once, and ends the sessions of that user
    --tenant NAME       the tenant of the user, when it is not "default" (NAME/USER does the same)
  dump FILE             writes the whole database into FILE, from which any later version can restore it
  restore FILE          fills a new database from FILE, before a server has started on it
  distribute            distributes the tables over the nodes of Citus; can be repeated

  --help                this text`

type Command = (argument: string, options: { tenant?: string | undefined }) => Promise<void>

const COMMANDS: Readonly<Record<string, Command>> = {
  'reset-password': (user, { tenant }) => printNewPassword(tenant === undefined ? user : `${tenant}/${user}`),
  dump,
  restore,
}

/** The commands that take no argument. */
const WITHOUT_ARGUMENT: Readonly<Record<string, () => Promise<void>>> = { distribute: distributeOverNodes }

async function main(): Promise<void> {
  const { values, positionals } = readArguments()
  if (values.help) return announce(usage)
  const [name = '', argument, ...more] = positionals
  const alone = Object.hasOwn(WITHOUT_ARGUMENT, name) ? WITHOUT_ARGUMENT[name] : undefined
  if (alone !== undefined && argument === undefined && values.tenant === undefined) return alone()
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const isUnderstood = argument !== undefined && more.length === 0
  if (command === undefined || !isUnderstood || (values.tenant !== undefined && name !== 'reset-password'))
    throw new StartError(usage)
  await command(argument, values)
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, tenant: { type: 'string' } },
    })
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`)
  }
}

async function printNewPassword(login: string): Promise<void> {
  const { STATEMENT_TIMEOUT: statementTimeout, ...settings } = loadDatabaseSettings()
  const database = await openDatabase(await whereItIs(settings), silentLog)
  const app = Fastify()
  try {
    await app.register(db, { ...database, statementTimeout, poolSize: 1 })
    await app.ready()
    const password = await resetPassword(app, login)
    if (password === null) throw new StartError(`There is no user "${login}".`)
    announce(`The new password of ${login}, shown this once: ${password}`)
  } finally {
    await app.close()
    await database.close(PATIENCE)
  }
}

async function dump(file: string): Promise<void> {
  const { url, close } = await reachDatabase(await whereItIs(loadDatabaseSettings()), silentLog)
  try {
    const { tables } = await dumpDatabase(url, file)
    announce(`Dumped ${tables} tables into ${file}`)
  } finally {
    await close(PATIENCE)
  }
}

async function restore(file: string): Promise<void> {
  const { url, close } = await reachDatabase(loadDatabaseSettings(), silentLog)
  try {
    const { tables } = await restoreDatabase(url, file, silentLog)
    announce(`Restored ${tables} tables from ${file}`)
  } finally {
    await close(PATIENCE)
  }
}

async function distributeOverNodes(): Promise<void> {
  const { DATABASE_URL: url } = loadDatabaseSettings()
  if (url === undefined) throw new StartError('Set DATABASE_URL to the coordinator of Citus.')
  const tables = await distribute(url, silentLog).catch((error) => Promise.reject(toStartError(error)))
  announce(tables === 0 ? 'All tables are distributed' : `Distributed ${tables} tables`)
}

type DatabaseSettings = Pick<ReturnType<typeof loadDatabaseSettings>, 'DATABASE_URL' | 'DATA_DIR'>

/** The database of DATABASE_URL, the embedded one of a server that runs, or that one to be started for the moment. */
async function whereItIs({ DATABASE_URL: url, DATA_DIR }: DatabaseSettings): Promise<DatabaseSettings> {
  if (url === undefined && !(await hasEmbedded(DATA_DIR))) {
    throw new StartError(
      `There is no database in ${DATA_DIR}: set DATA_DIR or DATABASE_URL as the server has it.`,
    )
  }
  return { DATABASE_URL: url ?? (await findEmbedded(DATA_DIR)), DATA_DIR }
}

try {
  await main()
} catch (error) {
  process.stderr.write(error instanceof StartError ? `${error.message}\n` : `${(error as Error).stack}\n`)
  process.exitCode = 1
}
