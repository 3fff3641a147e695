// What the server's process holds in memory when it has nothing to do.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { client, PASSWORD } from '../support/server/client.ts'
import { signIn, startServer } from '../support/server-process.ts'

/** Bytes that a process holds in memory; undefined where the system does not tell. */
function residentBytes(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux') return undefined
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

t.test('the server process holds less than 150 MB when it has nothing to do', async (t) => {
  const server = startServer(t, { cwd: t.testdir({}), env: { ADMIN_PASSWORD: PASSWORD } })
  const url = await server.listening
  const send = await client(url)
  const fields = [
    { name: 'name', type: 'string', indexed: true },
    { name: 'age', type: 'integer' },
  ]
  t.equal((await send('POST', '/schemas', { entity_name: 'student', fields })).status, 201)
  for (let n = 0; n < 20; n++) await send('POST', '/student', { name: 'x', age: n })
  await send('GET', '/student?name=eq.x&order=age')
  await send('GET', '/docs/json')
  await signIn(url, PASSWORD)
  const bytes = residentBytes(server.child.pid)
  if (bytes === undefined) return t.pass('this system does not tell')
  t.ok(bytes < 150_000_000, `it holds ${Math.round(bytes / 1e6)} MB`)
})
