// The operator's commands, `npm run admin -- ...`: what the API cannot do, because nobody can sign in to ask for it.
// Works while the server runs and while it does not. Exit code 1, with the reason, when a command is refused.
import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { resetPassword } from './lib/auth/account-recovery-store.ts'
import { backUp } from './lib/backup/backup.ts'
import type { BackupManifest } from './lib/backup/manifest.ts'
import { restoreBackup } from './lib/backup/restore.ts'
import { loadStorageSettings } from './lib/config.ts'
import { StartError } from './lib/errors/start-error.ts'
import { openStorage } from './lib/files/open-storage.ts'
import { dumpDatabase } from './lib/postgres/dump/dump-store.ts'
import { restoreDatabase } from './lib/postgres/dump/restore-store.ts'
import { findEmbedded, hasEmbedded } from './lib/postgres/embedded/embedded.ts'
import { openDatabase, reachDatabase } from './lib/postgres/open.ts'
import { silentLog } from './lib/process/log.ts'
import { announce } from './lib/process/logger.ts'
import { inMegabytes, progressOn } from './lib/process/progress.ts'
import db from './plugins/db.ts'

/** Milliseconds that an embedded database gets to close. */
const PATIENCE = 5000

const progress = progressOn(process.stderr)

const usage = `Usage: npm run admin -- COMMAND

  reset-password USER   gives USER a new password, prints it once, and ends the sessions of that user
    --tenant NAME       the tenant of the user, when it is not "default" (NAME/USER does the same)
  backup DIR            writes the database and its files into DIR, which must not exist
  dump FILE             writes the database alone into FILE, from which any later version can restore it
  restore DIR or FILE   fills a new database from a backup or a dump, before a server has started on it

  --help                this text`

interface Options {
  tenant?: string | undefined
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
  dump: { takes: 1, run: ([file = '']) => dump(file) },
  restore: { takes: 1, run: ([path = '']) => restore(path) },
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments()
  const { help, ...options } = values
  if (help) return announce(usage)
  const [name = '', ...args] = positionals
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const isMeant = Object.keys(options).every((option) => option === command?.option)
  if (command === undefined || args.length !== command.takes || !isMeant) throw new StartError(usage)
  await command.run(args, options)
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
  await withDatabase(await whereItIs(loadStorageSettings()), async (url) => {
    const { blobs, close } = await openStorage(loadStorageSettings())
    const manifest = await backUp({ url, blobs, progress }, directory).finally(close)
    announce(`Backed up the database and ${describe(manifest)} into ${directory}`)
  })
}

function describe({ files, bytes, missing, damaged }: BackupManifest): string {
  const lost = missing.length === 0 ? '' : `, without the bytes of ${missing.length} that are lost`
  const wrong = damaged.length === 0 ? '' : `, with ${damaged.length} that are damaged`
  return `${files} files (${inMegabytes(bytes)})${lost}${wrong}`
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
  announce(`Restored the database and ${describe(manifest)} from ${directory}`)
}

async function withDatabase(where: DatabaseSettings, work: (url: string) => Promise<void>): Promise<void> {
  const { url, close } = await reachDatabase(where, silentLog)
  await work(url).finally(() => close(PATIENCE))
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

try {
  await main()
} catch (error) {
  process.stderr.write(error instanceof StartError ? `${error.message}\n` : `${(error as Error).stack}\n`)
  process.exitCode = 1
}
