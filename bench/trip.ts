// `npm run bench:trip`: how much code a warm request runs, by V8's precise coverage: the files and functions of lib, plugins
// and routes that a get, a list, a create and a patch of one record visit, each counted once. TRIP_LIST=1 names them.

import { mkdtemp, rm } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { buildApp } from '../app.ts'
import { ensureFirstAdmin } from '../lib/auth/account-recovery-store.ts'
import { parseSettings } from '../lib/config.ts'
import { openDatabase } from '../lib/postgres/open.ts'
import { silentLog } from '../lib/process/log.ts'
import { SECRET_KEY } from './servers.ts'

const WARM_UPS = 20

const ROOT = new URL('..', import.meta.url).href

const COUNTED = ['lib/', 'plugins/', 'routes/']

const ADMIN = { username: 'admin', password: 'for the benchmark alone' }

const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'age', type: 'integer' },
    { name: 'email', type: 'email' },
  ],
}

const ALICE = { name: 'Alice', age: 20, email: 'alice@example.com' }

type Send = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) => Promise<unknown>

const tripsOf = (id: string): [name: string, ...Parameters<Send>][] => [
  ['get by id', 'GET', `/student/${id}`],
  ['list', 'GET', '/student/?limit=20'],
  ['create', 'POST', '/student/', ALICE],
  ['patch', 'PATCH', `/student/${id}`, { age: 21 }],
]

/** Signs the admin in and sends requests in their name; a refusal ends the run. */
async function client(app: FastifyInstance): Promise<Send> {
  const headers: Record<string, string> = {}
  const send: Send = async (method, url, payload) => {
    const request: InjectOptions = { method, url, headers, ...(payload && { payload }) }
    const answer = await app.inject(request)
    if (answer.statusCode >= 400) throw new Error(`${method} ${url}: ${answer.body}`)
    return answer.json()
  }
  const { access_token } = (await send('POST', '/auth/token', ADMIN)) as { access_token: string }
  headers.authorization = `Bearer ${access_token}`
  return send
}

/** The functions that run meanwhile, by file; without modules' top levels. */
async function functionsOf(session: Session, run: () => Promise<unknown>): Promise<Map<string, string[]>> {
  // Taking the counts sets them to zero.
  await session.post('Profiler.takePreciseCoverage')
  await run()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const visited = result.flatMap(({ url, functions }): [string, string[]][] => {
    const file = url.startsWith(ROOT) ? url.slice(ROOT.length) : ''
    if (!COUNTED.some((folder) => file.startsWith(folder))) return []
    const ran = functions.filter(({ ranges: [whole] }) => whole && whole.startOffset > 0 && whole.count > 0)
    return ran.length === 0 ? [] : [[file, ran.map(({ functionName }) => functionName || '(anonymous)')]]
  })
  return new Map(visited)
}

async function measure(app: FastifyInstance, session: Session): Promise<void> {
  const send = await client(app)
  await send('POST', '/schemas/', STUDENT)
  const { id } = (await send('POST', '/student/', ALICE)) as { id: string }
  for (const [name, ...request] of tripsOf(id)) {
    for (let at = 0; at < WARM_UPS; at++) await send(...request)
    const visited = await functionsOf(session, () => send(...request))
    const functions = [...visited.values()].flat().length
    console.log(
      `${name.padEnd(10)}${String(visited.size).padStart(4)} files${String(functions).padStart(5)} functions`,
    )
    if (process.env.TRIP_LIST === '1')
      for (const [file, names] of visited) console.log(`  ${file}: ${names.join(', ')}`)
  }
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-trip-'))
  const settings = { ...parseSettings({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }), SECRET_KEY }
  const database = await openDatabase(settings, silentLog)
  const app = await buildApp(settings, database)
  const session = new Session()
  try {
    await ensureFirstAdmin(app, ADMIN)
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    await measure(app, session)
  } finally {
    session.disconnect()
    await app.close()
    await database.close(10_000)
    await rm(dataDir, { recursive: true, force: true })
  }
}

await main()
