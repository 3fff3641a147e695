// The files of lib/migrations, in the order in which they are applied.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Migration {
  name: string
  sql: string
  checksum: string
}

/** The names of this version's migrations, in order. */
export async function migrationNames(): Promise<string[]> {
  const files = (await readdir(migrationsDirectory())).filter((name) => /^\d{3}_\w+\.sql$/.test(name))
  return files.map((name) => name.slice(0, -4)).sort()
}

/** The migrations of these names, or all. */
export async function readMigrations(only: readonly string[] | undefined): Promise<Migration[]> {
  const directory = migrationsDirectory()
  const names = (await migrationNames()).filter((name) => only === undefined || only.includes(name))
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(join(directory, `${name}.sql`), 'utf8')).replaceAll('\r\n', '\n')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** In the source tree: the compiler copies no SQL into dist. */
export function migrationsDirectory(): string {
  let root = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(root, 'package.json'))) root = dirname(root)
  return join(root, 'lib', 'migrations')
}
