// Renders docs/schema.sql: the tables, functions and triggers of a migrated database as SQL that runs on an empty one, the same on
// every version of PostgreSQL. Tables come after those that their foreign keys name.

import pg from 'pg'
import { appRole } from '../../../lib/postgres/app-role.ts'
import {
  type Routine,
  readRoutines,
  readSequences,
  readTables,
  readTriggers,
  type Table,
} from './schema-catalog.ts'

const HEADER = `-- The schema as it stands after all migrations: \`npm run docs\` writes this file from the catalog of a migrated database.
-- The reasons are in the comments of lib/migrations/. Every table but \`migration\`, for which the role ${appRole} has no
-- privileges, has row-level security, forced.
`

/** Texts in quotes, which stay as they are; PostgreSQL's keywords, in capitals; its name for the schema. */
const WORDS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\b[A-Z]{2,}\b|\bpublic\./g

function plain(sql: string): string {
  return sql.replace(WORDS, (word) =>
    /^['"]/.test(word) ? word : word === 'public.' ? '' : word.toLowerCase(),
  )
}

/** The body of a function as its migration has it, without the comments. */
function functionSql({ sql }: Routine): string {
  const at = sql.indexOf('$$')
  return `${plain(sql.slice(0, at))}${sql.slice(at).replace(/^ *-- .*\n/gm, '')}\n`
}

function tableSql({ name, parts, options, statements, sequences }: Table): string {
  const body = parts.map((part) => `  ${plain(part)}`).join(',\n')
  const end = options === null ? ');' : `) with (${options});`
  const before = sequences.map(({ name }) => `create sequence ${name};`)
  const owned = sequences.map(({ name, owner }) => `alter sequence ${name} owned by ${owner};`)
  return [...before, `create table ${name} (`, body, end, ...owned, ...statements.map(plain), ''].join('\n')
}

/** Each table after those that it references; otherwise by name. */
function inOrder(tables: readonly Table[]): Table[] {
  const ordered: Table[] = []
  while (ordered.length < tables.length) {
    const names = ordered.map(({ name }) => name)
    const next = tables.find(
      ({ name, references }) => !names.includes(name) && references.every((one) => names.includes(one)),
    )
    if (next === undefined) throw new Error('the foreign keys of the tables go in a circle')
    ordered.push(next)
  }
  return ordered
}

/** The schema of the database of a URL, as docs/schema.sql has it. */
export async function schemaSql(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const tables = await readTables(client, appRole)
    const routines = await readRoutines(client)
    const [guards, others] = [
      routines.filter(({ guards }) => guards),
      routines.filter(({ guards }) => !guards),
    ]
    const triggers = (await readTriggers(client)).map((sql) => `${plain(sql)}\n`)
    const sequences = (await readSequences(client)).map((name) => `create sequence ${name};\n`)
    const parts = [
      ...guards.map(functionSql),
      ...sequences,
      ...inOrder(tables).map(tableSql),
      ...others.map(functionSql),
    ]
    return [HEADER, ...parts, ...triggers].join('\n')
  } finally {
    await client.end()
  }
}
