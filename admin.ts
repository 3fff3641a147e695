// The operator's commands, `npm run admin -- ...`: what the API cannot do, because nobody can sign in to ask for it.
// Works while the server runs and while it does not. Exit code 1, with the reason, when a command is refused.
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { resetPassword } from './lib/auth/account-recovery-store.ts'
import { loadDatabaseSettings } from './lib/config.ts'
import { StartError } from './lib/errors/start-error.ts'
import { findEmbedded, hasEmbedded } from './lib/postgres/embedded/embedded.ts'
import { type OpenDatabase, openDatabase } from './lib/postgres/open.ts'
import { silentLog } from './lib/process/log.ts'
import { announce } from './lib/process/logger.ts'
import db from './plugins/db.ts'

const usage = `Usage: npm run admin -- reset-password USER [--tenant NAME]

  reset-password   gives USER a new password, prints it once, and ends the sessions of that user

  --tenant NAME    the tenant of the user, when it is not "default" (NAME/USER does the same)
  --help           this text`

async function main(): Promise<void> {
  const { values, positionals } = readArguments()
  if (values.help) return announce(usage)
  const [command, user, ...more] = positionals
  if (command !== 'reset-password' || user === undefined || more.length > 0) throw new StartError(usage)
  await printNewPassword(values.tenant === undefined ? user : `${values.tenant}/${user}`)
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
  const database = await openWherever(settings)
  const app = Fastify()
  try {
    await app.register(db, { ...database, statementTimeout, poolSize: 1 })
    await app.ready()
    const password = await resetPassword(app, login)
    if (password === null) throw new StartError(`There is no user "${login}".`)
    announce(`The new password of ${login}, shown this once: ${password}`)
  } finally {
    await app.close()
    await database.close(5000)
  }
}

/** The database of DATABASE_URL, the embedded one of a server that runs, or that one started for the moment. */
async function openWherever(settings: Parameters<typeof openDatabase>[0]): Promise<OpenDatabase> {
  const { DATABASE_URL: url, DATA_DIR: dataDir } = settings
  if (url === undefined && !(await hasEmbedded(dataDir))) {
    throw new StartError(
      `There is no database in ${dataDir}: set DATA_DIR or DATABASE_URL as the server has it.`,
    )
  }
  return openDatabase({ ...settings, DATABASE_URL: url ?? (await findEmbedded(dataDir)) }, silentLog)
}

try {
  await main()
} catch (error) {
  process.stderr.write(error instanceof StartError ? `${error.message}\n` : `${(error as Error).stack}\n`)
  process.exitCode = 1
}
