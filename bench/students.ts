// The students of `npm run bench`, on either server.

import { type Contestant, connect, launchByHand, launchUnivera, post } from './servers.ts'

/** Records that either server holds when the measuring begins. */
const RECORDS = 10_000

/** Rows of a request that creates many. */
const BATCH = 1000

/** Path of the students on either server. */
export const PATH = '/students'

export const AGES = 100

/** A server with students. */
export interface School extends Contestant {
  ids: readonly string[]
}

/** Numbers that differ give different names and emails. */
export const studentOf = (at: number) => ({
  name: `name ${(Math.imul(at, 0x9e3779b1) >>> 0).toString(36)} ${at}`,
  age: at % AGES,
  email: `a${at}@example.com`,
})

const TABLE = `create table students (
  id uuid primary key default gen_random_uuid(), name text, age int, email text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now())`

async function idsOf({ database }: Contestant, text: string): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(text)
  return rows.map(({ id }) => id)
}

/** The server written by hand. It has no index beside its primary key. */
export async function startYardstick(databaseUrl: string, port: number): Promise<School> {
  const database = await connect(databaseUrl)
  await database.query(TABLE)
  const rows = Array.from({ length: RECORDS }, (_, at) => studentOf(at))
  await database.query(
    `insert into students (name, age, email)
     select name, age, email from jsonb_to_recordset($1) as x(name text, age int, email text)`,
    [JSON.stringify(rows)],
  )
  await database.query('vacuum analyze students')
  await database.end()
  const who = await launchByHand('./yardstick.js', databaseUrl, port)
  return { ...who, ids: await idsOf(who, 'select id from students') }
}

const STUDENT = {
  entity_name: 'students',
  fields: [
    { name: 'name', type: 'string', indexed: true },
    { name: 'age', type: 'integer', indexed: true },
    { name: 'email', type: 'email' },
  ],
}

/** Univera with the same students as an entity. */
export async function startUnivera(databaseUrl: string, port: number, dataDir: string): Promise<School> {
  const who = await launchUnivera(databaseUrl, { port, dataDir })
  await post(`${who.url}/schemas/`, STUDENT, who.token)
  for (let at = 0; at < RECORDS; at += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, i) => studentOf(at + i))
    await post(`${who.url}${PATH}`, rows, who.token)
  }
  await who.database.query('vacuum analyze record')
  return { ...who, ids: await idsOf(who, 'select id from record where entity_id > 0') }
}
