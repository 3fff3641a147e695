// The real server with its embedded database: modest when it has nothing to do, and killed in the middle of writes it has
// kept every record that it had acknowledged.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { signIn, startServer } from '../support/server-process.ts'

const password = 'correct-horse'

const env = { ADMIN_PASSWORD: password }

const WRITERS = 20

const ENOUGH = 200

interface Stored {
  id: string
}

async function client(url: string) {
  const { access_token } = await signIn(url, password)
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
  return async (method: string, path: string, body?: object) => {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const response = await fetch(url + path, init)
    return { status: response.status, body: (await response.json()) as Stored }
  }
}

type Send = Awaited<ReturnType<typeof client>>

/** Creates and changes records until the server is gone; what it has acknowledged is noted by id. */
async function write(send: Send, acknowledged: Map<string, unknown>): Promise<void> {
  try {
    for (let n = 0; ; n++) {
      const made = await send('POST', '/student', { name: `student ${n}`, age: n })
      if (made.status !== 201) throw new Error(JSON.stringify(made.body))
      acknowledged.set(made.body.id, made.body)
      if (n % 3 > 0) continue
      acknowledged.delete(made.body.id)
      const changed = await send('PATCH', `/student/${made.body.id}`, { name: 'changed' })
      if (changed.status === 200) acknowledged.set(made.body.id, changed.body)
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

/** Bytes that a process holds in memory; undefined where the system does not tell. */
function residentBytes(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux') return undefined
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

t.test('the server process', async (t) => {
  const cwd = t.testdir({})
  const first = startServer(t, { cwd, env })
  const url = await first.listening
  const send = await client(url)
  const fields = [
    { name: 'name', type: 'string', indexed: true },
    { name: 'age', type: 'integer' },
  ]
  t.equal((await send('POST', '/schemas', { entity_name: 'student', fields })).status, 201)

  await t.test('holds less than 150 MB when it has nothing to do', async (t) => {
    for (let n = 0; n < 20; n++) await send('POST', '/student', { name: 'x', age: n })
    await send('GET', '/student?name=eq.x&order=age')
    await send('GET', '/docs/json')
    await signIn(url, password)
    const bytes = residentBytes(first.child.pid)
    if (bytes === undefined) return t.pass('this system does not tell')
    t.ok(bytes < 150_000_000, `it holds ${Math.round(bytes / 1e6)} MB`)
  })

  await t.test('killed during writes, it has kept all that it acknowledged', async (t) => {
    const acknowledged = new Map<string, unknown>()
    const writers = Array.from({ length: WRITERS }, () => write(send, acknowledged))
    while (acknowledged.size < ENOUGH) await sleep(5)
    const file = join(cwd, 'data', 'postgres', 'data', 'postmaster.pid')
    process.kill(Number.parseInt(readFileSync(file, 'utf8'), 10), 'SIGKILL')
    first.child.kill('SIGKILL')
    await Promise.all([...writers, first.ended])
    const second = startServer(t, { cwd, env })
    const ask = await client(await second.listening)
    const kept = new Map<string, unknown>()
    for (let path: string | undefined = '/student?limit=1000'; path !== undefined; ) {
      const page = (await ask('GET', path)).body as never as Stored[]
      for (const record of page) kept.set(record.id, record)
      path = page.length < 1000 ? undefined : `/student?limit=1000&offset=${kept.size}`
    }
    t.ok(acknowledged.size >= ENOUGH)
    for (const [id, record] of acknowledged) t.same(kept.get(id), record)
  })
})
