// The two servers under measurement, each a process of its own with a database of its own on one PostgreSQL.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

/** Records that either server holds when the measuring begins. */
export const RECORDS = 10_000

export const SECRET_KEY = 'for the benchmark alone: 32 bytes and more'

const ADMIN_PASSWORD = 'for the benchmark alone'

export interface Contestant {
  name: string
  url: string
  /** Path of the students. */
  path: string
  token: string
  pid: number
  database: pg.Client
  stop: () => Promise<void>
}

export function start(script: string, env: Record<string, string>): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url))
  return fork(path, {
    env: { ...process.env, ...env, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

export function stopping(child: ChildProcess, database: pg.Client): () => Promise<void> {
  return async () => {
    await database.end()
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}

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
  const child = start('./yardstick.js', { DATABASE_URL: databaseUrl, SECRET_KEY, PORT: String(port) })
  const [{ token }] = (await once(child, 'message')) as [{ token: string }]
  const url = `http://127.0.0.1:${port}`
  const stop = stopping(child, database)
  return { name: 'by hand', url, path: '/students', token, pid: child.pid as number, database, stop }
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (
      await fetch(`${url}/health/ready`).then(
        (r) => r.ok,
        () => false,
      )
    )
      return
    await sleep(100)
  }
  throw new Error(`${url} does not get ready`)
}

async function post(url: string, body: unknown, token?: string): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
  return response
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
  const env = {
    DATABASE_URL: databaseUrl,
    SECRET_KEY,
    ADMIN_PASSWORD,
    PORT: String(port),
    DATA_DIR: dataDir,
  }
  const child = start('../server.js', env)
  const url = `http://127.0.0.1:${port}`
  await untilReady(url)
  const signedIn = await post(`${url}/auth/token`, { username: 'admin', password: ADMIN_PASSWORD })
  const { access_token: token } = (await signedIn.json()) as { access_token: string }
  await post(`${url}/schemas/`, STUDENT, token)
  for (let at = 0; at < RECORDS; at += 1000) {
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      name: `name ${(at + i) * 7919}`,
      age: (at + i) % 100,
      email: `a${at + i}@example.com`,
    }))
    await post(`${url}/students/`, rows, token)
  }
  const database = await connect(databaseUrl)
  await database.query('vacuum analyze record')
  const stop = stopping(child, database)
  return { name: 'Univera', url, path: '/students', token, pid: child.pid as number, database, stop }
}
