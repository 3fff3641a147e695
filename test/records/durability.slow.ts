// The real server with its embedded database: killed in the middle of writes it has kept every record that it had
// acknowledged.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { client, PASSWORD, type Stored } from '../support/server/client.ts'
import { startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const env = { ADMIN_PASSWORD: PASSWORD }

const WRITERS = 20

const ENOUGH = 200

type Send = Awaited<ReturnType<typeof client>>

/** Creates and changes records until the server is gone; what it has acknowledged is noted by id. */
async function write(send: Send, acknowledged: Map<string, unknown>): Promise<void> {
  try {
    for (let n = 0; ; n++) {
      const made = await send('POST', '/student', { name: `student ${n}`, age: n })
      // PostgreSQL is killed a moment before the server, which may still say so.
      if (made.status === 503) return
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

  await t.test('killed during writes, it has kept all that it acknowledged', async (t) => {
    const acknowledged = new Map<string, unknown>()
    const writers = Array.from({ length: WRITERS }, () => write(send, acknowledged))
    await until(() => acknowledged.size >= ENOUGH)
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
