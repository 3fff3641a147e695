// The operator's commands, `npm run admin -- ...`: what the API cannot do, because nobody can sign in to ask for it.
// Works while the server runs and while it does not. Exit code 1, with the reason, when a command is refused.
import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { resetPassword } from './lib/auth/account-recovery-store.ts'
import { type BackupSource, backUp } from './lib/backup/backup.ts'
import { describeBackup } from './lib/backup/manifest.ts'
import { restoreBackup } from './lib/backup/restore.ts'
import { loadStorageSettings } from './lib/config.ts'
import { Problem } from './lib/errors/problem.ts'
import { reasonOf, StartError } from './lib/errors/start-error.ts'
import { openStorage } from './lib/files/open-storage.ts'
import { dumpDatabase } from './lib/postgres/dump/dump-store.ts'
import { restoreDatabase } from './lib/postgres/dump/restore-store.ts'
import { findEmbedded, hasEmbedded } from './lib/postgres/embedded/embedded.ts'
import { distribute } from './lib/postgres/migrate.ts'
import { openDatabase, reachDatabase } from './lib/postgres/open.ts'
import { toStartError } from './lib/postgres/startup-error.ts'
import { silentLog } from './lib/process/log.ts'
import { announce } from './lib/process/logger.ts'
import { progressOn } from './lib/process/progress.ts'
import { exportTenant } from './lib/transfer/export-store.ts'
import { describeTransfer } from './lib/transfer/format.ts'
import { type ImportTarget, importTenant } from './lib/transfer/import-store.ts'
import db from './plugins/db.ts'

/** Milliseconds that an embedded database gets to close. */
const PATIENCE = 5000

const progress = progressOn(process.stderr)

const usage = `Usage: npm run admin -- COMMAND

  reset-password USER   gives USER a new password, prints it once, and ends the sessions of that user
    --tenant NAME       the tenant of the user, when it is not "default" (NAME/USER does the same)
  backup DIR            writes the database and its files into DIR, which must not exist
  tenant export NAME FILE
                        writes a tenant with its users, definitions, records and files into FILE
  tenant import FILE    makes a new tenant of such a file
    --as NAME           under another name
  dump FILE             writes the database alone into FILE, from which any later version can restore it
  restore DIR or FILE   fills a new database from a backup or a dump, before a server has started on it
  distribute            distributes the tables over the nodes of Citus; can be repeated

  --help                this text`

interface Options {
  tenant?: string | undefined
  as?: string | undefined
}

interface Command {
  /** How many arguments it takes. */
  takes: number
  option?: keyof Options
  run(args: string[], options: Options): Promise<void>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  'reset-password': {
    takes: 1,
    option: 'tenant',
    run: ([user = ''], { tenant }) => printNewPassword(tenant === undefined ? user : `${tenant}/${user}`),
  },
  backup: { takes: 1, run: ([directory = '']) => backup(directory) },
  'tenant export': { takes: 2, run: ([name = '', file = '']) => sendAway(name, file) },
  'tenant import': { takes: 1, option: 'as', run: ([file = ''], { as }) => takeIn(file, as) },
  dump: { takes: 1, run: ([file = '']) => dump(file) },
  restore: { takes: 1, run: ([path = '']) => restore(path) },
  distribute: { takes: 0, run: distributeOverNodes },
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments()
  const { help, ...options } = values
  if (help) return announce(usage)
  const words = positionals[0] === 'tenant' ? 2 : 1
  const name = positionals.slice(0, words).join(' ')
  const args = positionals.slice(words)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const isMeant = Object.keys(options).every((option) => option === command?.option)
  if (command === undefined || args.length !== command.takes || !isMeant) throw new StartError(usage)
  await command.run(args, options)
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, tenant: { type: 'string' }, as: { type: 'string' } },
    })
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`)
  }
}

async function printNewPassword(login: string): Promise<void> {
  const { STATEMENT_TIMEOUT: statementTimeout, ...settings } = loadStorageSettings()
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

async function backup(directory: string): Promise<void> {
  await withEverything(async (source) => {
    const manifest = await backUp(source, directory)
    announce(`Backed up the database and ${describeBackup(manifest)} into ${directory}`)
  })
}

async function dump(file: string): Promise<void> {
  await withDatabase(await whereItIs(loadStorageSettings()), async (url) => {
    const { tables } = await dumpDatabase(url, file)
    announce(`Dumped ${tables} tables into ${file}`)
  })
}

async function restore(path: string): Promise<void> {
  const isBackup = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  await withDatabase(loadStorageSettings(), async (url) => {
    if (isBackup) return restoreAll(url, path)
    const { tables } = await restoreDatabase(url, path, silentLog)
    announce(`Restored ${tables} tables from ${path}`)
  })
}

async function restoreAll(url: string, directory: string): Promise<void> {
  const { blobs, close } = await openStorage(loadStorageSettings())
  const manifest = await restoreBackup({ url, blobs, progress }, directory).finally(close)
  announce(`Restored the database and ${describeBackup(manifest)} from ${directory}`)
}

async function sendAway(name: string, file: string): Promise<void> {
  await withEverything(async (source) => {
    const report = await exportTenant(source, name, file)
    announce(`Exported ${name} with ${describeTransfer(report)} into ${file}`)
  })
}

async function takeIn(file: string, as: string | undefined): Promise<void> {
  await withEverything(async (target) => {
    const { name, ...report } = await importTenant(target, file, as)
    announce(`Imported ${name} with ${describeTransfer(report)} from ${file}`)
  })
}

/** Database and files, of which one running server or more may make use meanwhile. */
async function withEverything(work: (all: ImportTarget & BackupSource) => Promise<void>): Promise<void> {
  const settings = loadStorageSettings()
  await withDatabase(await whereItIs(settings), async (url) => {
    const { blobs, close } = await openStorage(settings)
    await work({ url, blobs, progress }).finally(close)
  })
}

async function withDatabase(where: DatabaseSettings, work: (url: string) => Promise<void>): Promise<void> {
  const { url, close } = await reachDatabase(where, silentLog)
  await work(url).finally(() => close(PATIENCE))
}

async function distributeOverNodes(): Promise<void> {
  const { DATABASE_URL: url } = loadStorageSettings()
  if (url === undefined) throw new StartError('Set DATABASE_URL to the coordinator of Citus.')
  const tables = await distribute(url, silentLog).catch((error) => Promise.reject(toStartError(error)))
  announce(tables === 0 ? 'All tables are distributed' : `Distributed ${tables} tables`)
}

type DatabaseSettings = Pick<ReturnType<typeof loadStorageSettings>, 'DATABASE_URL' | 'DATA_DIR'>

/** The database of DATABASE_URL, the embedded one of a server that runs, or that one to be started for the moment. */
async function whereItIs({ DATABASE_URL: url, DATA_DIR }: DatabaseSettings): Promise<DatabaseSettings> {
  if (url === undefined && !(await hasEmbedded(DATA_DIR))) {
    throw new StartError(
      `There is no database in ${DATA_DIR}: set DATA_DIR or DATABASE_URL as the server has it.`,
    )
  }
  return { DATABASE_URL: url ?? (await findEmbedded(DATA_DIR)), DATA_DIR }
}

/** Refusals are a line; what nobody has expected comes with where it happened. */
function explain(error: unknown): string {
  if (error instanceof Problem && error.cause !== undefined)
    return `${error.message} ${reasonOf(error.cause)}`
  return error instanceof StartError || error instanceof Problem
    ? error.message
    : String((error as Error).stack)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
}
