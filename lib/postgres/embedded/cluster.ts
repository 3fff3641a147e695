// The embedded database's place on disk, DATA_DIR/postgres: `data` (PostgreSQL's own), `password`, `postgres.log`.
// Created by initdb on the first start, whole or not at all; refused when another major version wrote it.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { errorCode } from '../../errors/codes.ts'
import { reasonOf, StartError } from '../../errors/start-error.ts'
import type { Log } from '../../process/log.ts'
import { type Binaries, findBinaries, programEnvironment } from './binaries.ts'
import { chooseOwner, giveTree, type Owner } from './owner.ts'

export interface Cluster {
  binaries: Binaries
  owner: Owner | undefined
  /** PostgreSQL's data directory. */
  data: string
  logFile: string
  password: string
}

const run = promisify(execFile)

/**
 * Opens the database directory below `dataDir`, creating it on the first start.
 */
export async function openCluster(dataDir: string, log: Log, signal?: AbortSignal): Promise<Cluster> {
  await makeDataDirectory(dataDir)
  const directory = await clusterDirectory(dataDir)
  const owner = chooseOwner(directory)
  const binaries = await findBinaries(dataDir, owner)
  if ((await readPassword(directory)) === undefined) {
    log.info(`Creating the database in ${directory}`)
    await createCluster(directory, { binaries, owner, signal })
  }
  const password = await readPassword(directory)
  if (password === undefined) throw new StartError(`${directory} is not a database of Univera.`)
  await refuseOtherMajor(directory, binaries)
  await reclaim(directory, owner)
  return { binaries, owner, ...filesOf(directory), password }
}

async function makeDataDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartError(`DATA_DIR ${dataDir} cannot be created: ${reasonOf(error)}`, { cause: error })
  }
}

/** One name for one directory: a process is recognised by it. */
export async function clusterDirectory(dataDir: string): Promise<string> {
  return join(await realpath(dataDir).catch(() => resolve(dataDir)), 'postgres')
}

export function filesOf(directory: string): { data: string; logFile: string } {
  return { data: join(directory, 'data'), logFile: join(directory, 'postgres.log') }
}

/** The superuser's password; undefined when there is no database yet. */
export async function readPassword(directory: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, 'password'), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw new StartError(`The database in ${directory} cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

/** Gives a database that was copied back to PostgreSQL's account, with the access to its directory that PostgreSQL insists on. */
async function reclaim(directory: string, owner: Owner | undefined): Promise<void> {
  const { data } = filesOf(directory)
  const [{ uid, mode }, version] = await Promise.all([stat(data), stat(join(data, 'PG_VERSION'))])
  const isForeign = owner !== undefined && (uid !== owner.uid || version.uid !== owner.uid)
  try {
    if (isForeign) await giveTree(directory, owner)
    if ((mode & 0o027) !== 0 && process.platform !== 'win32') await chmod(data, 0o700)
  } catch (error) {
    throw new StartError(`The database in ${directory} cannot be made usable again: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

interface Creation {
  binaries: Binaries
  owner: Owner | undefined
  signal: AbortSignal | undefined
}

async function createCluster(directory: string, creation: Creation): Promise<void> {
  const { owner } = creation
  const draft = `${directory}.new-${process.pid}`
  await rm(draft, { recursive: true, force: true })
  const { data } = filesOf(draft)
  await mkdir(data, { recursive: true, mode: 0o700 })
  const password = join(draft, 'password')
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
  if (owner) await give([draft, data, password], owner)
  try {
    await initialize(data, creation)
    await rename(draft, directory)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // A second start on the same directory was quicker: its database is as good as ours.
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(errorCode(error))) throw error
  }
}

async function give(paths: string[], { uid, gid }: Owner): Promise<void> {
  try {
    await Promise.all(paths.map((path) => chown(path, uid, gid)))
  } catch (error) {
    throw new StartError(
      `PostgreSQL does not run as root, and its files cannot be given to another account (${reasonOf(error)}): ` +
        'start Univera as another user, set DATA_DIR to a local disk, or set DATABASE_URL.',
      { cause: error },
    )
  }
}

async function initialize(data: string, { binaries, owner, signal }: Creation): Promise<void> {
  const options = ['--username=univera', '--encoding=UTF8', '--auth=scram-sha-256']
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const directory = dataPath(data, owner)
  const args = [...options, ...locale, `--pgdata=${directory}`, `--pwfile=${directory}/../password`]
  try {
    await run(binaries.initdb, args, { ...owner, cwd: data, env: programEnvironment(), signal })
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() || reasonOf(error)
    throw new StartError(`The database cannot be created in ${data}: ${said}`, { cause: error })
  }
}

/**
 * How a PostgreSQL program that is started inside the data directory should call it. Another account than ours may not
 * be allowed to walk there (/root, a private DATA_DIR); its own working directory it always reaches.
 */
export function dataPath(data: string, owner: Owner | undefined): string {
  return owner && process.platform === 'linux' ? '/proc/self/cwd' : data
}

async function refuseOtherMajor(directory: string, { major }: Binaries): Promise<void> {
  const found = (await readFile(join(directory, 'data', 'PG_VERSION'), 'utf8')).trim()
  if (found === major) return
  throw new StartError(
    `The database in ${directory} is PostgreSQL ${found}, this Univera runs ${major}: with the Univera that ` +
      'wrote it `npm run admin -- dump FILE`, move the directory away, and `npm run admin -- restore FILE` with this one.',
  )
}
