// Servers under measurement, each a process of its own with a database of its own on one PostgreSQL.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

export const SECRET_KEY = 'for the benchmark alone: 32 bytes and more'

const ADMIN_PASSWORD = 'for the benchmark alone'

export interface Contestant {
  name: string
  url: string
  token: string
  pid: number
  database: pg.Client
  stop: () => Promise<void>
}

export function start(script: string, env: Record<string, string>, execArgv: string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url))
  return fork(path, {
    env: { ...process.env, ...env, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv,
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

export async function post(url: string, body: unknown, token?: string): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
  return response
}

export interface LaunchOptions {
  port: number
  dataDir: string
  /** Arguments of Node's, before the script. */
  execArgv?: string[]
}

/** Univera, without entities. */
export async function launchUnivera(databaseUrl: string, options: LaunchOptions): Promise<Contestant> {
  const { port, dataDir, execArgv = [] } = options
  const env = {
    DATABASE_URL: databaseUrl,
    SECRET_KEY,
    ADMIN_PASSWORD,
    PORT: String(port),
    DATA_DIR: dataDir,
  }
  const child = start('../server.js', env, execArgv)
  const url = `http://127.0.0.1:${port}`
  await untilReady(url)
  const signedIn = await post(`${url}/auth/token`, { username: 'admin', password: ADMIN_PASSWORD })
  const { access_token: token } = (await signedIn.json()) as { access_token: string }
  const database = await connect(databaseUrl)
  return { name: 'Univera', url, token, pid: child.pid as number, database, stop: stopping(child, database) }
}

/** A server written by hand, on a database that has its tables. */
export async function launchByHand(script: string, databaseUrl: string, port: number): Promise<Contestant> {
  const child = start(script, { DATABASE_URL: databaseUrl, SECRET_KEY, PORT: String(port) })
  const [{ token }] = (await once(child, 'message')) as [{ token: string }]
  const database = await connect(databaseUrl)
  const url = `http://127.0.0.1:${port}`
  return { name: 'by hand', url, token, pid: child.pid as number, database, stop: stopping(child, database) }
}
