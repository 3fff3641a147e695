// The students of `npm run bench`, on either server.

import { type Contestant, connect, launchByHand, launchUnivera, post } from './servers.ts'

/** Records that either server holds when the measuring begins. */
const RECORDS = 10_000

const TABLE = `create table students (
  id uuid primary key default gen_random_uuid(), name text, age int, email text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now())`

/** The server written by hand. It has no index beside its primary key. */
export async function startYardstick(databaseUrl: string, port: number): Promise<Contestant> {
  const database = await connect(databaseUrl)
  await database.query(TABLE)
  await database.query(
    `insert into students (name, age, email)
     select 'name ' || md5(i::text), i % 100, 'a' || i || '@example.com' from generate_series(1, ${RECORDS}) i`,
  )
  await database.query('vacuum analyze students')
  await database.end()
  return launchByHand('./yardstick.js', databaseUrl, port)
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
export async function startUnivera(databaseUrl: string, port: number, dataDir: string): Promise<Contestant> {
  const who = await launchUnivera(databaseUrl, { port, dataDir })
  await post(`${who.url}/schemas/`, STUDENT, who.token)
  for (let at = 0; at < RECORDS; at += 1000) {
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      name: `name ${(at + i) * 7919}`,
      age: (at + i) % 100,
      email: `a${at + i}@example.com`,
    }))
    await post(`${who.url}/students/`, rows, who.token)
  }
  await who.database.query('vacuum analyze record')
  return who
}
