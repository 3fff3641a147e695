// A server in a process of its own with two tenants: that of the attacker, and that of the witness.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type ServerProcess, startServer } from '../server-process.ts'
import { httpClient, tokenOf } from './http-client.ts'
import type { WitnessAccount } from './witness.ts'

export const PASSWORD = 'correct-horse-battery'

export const ATTACKER = 'eve/admin'

export interface Arena {
  server: ServerProcess
  url: string
  pid: number
  /** The embedded PostgreSQL as it runs now. */
  postmaster(): number
  witness: WitnessAccount
}

export async function openArena(t: Test): Promise<Arena> {
  const cwd = await mkdtemp(join(tmpdir(), 'univera-hostile-'))
  const server = startServer(t, { cwd, env: { ADMIN_PASSWORD: PASSWORD } })
  t.teardown(async () => {
    // The database writes until the server has stopped, and an attacked one takes its time.
    await server.stop()
    await rm(cwd, { recursive: true, force: true, maxRetries: 40, retryDelay: 250 })
  })
  const url = (await server.listening).replace('localhost', '127.0.0.1')
  const anyone = httpClient({ url })
  const operator = httpClient({ url }, await tokenOf(anyone, 'admin', PASSWORD))
  for (const name of ['eve', 'bob']) {
    const made = await operator('POST', '/tenants/', {
      name,
      admin: { username: 'admin', password: PASSWORD },
    })
    if (made.status !== 201) throw new Error(made.text)
  }
  const witness = { url, username: 'bob/admin', password: PASSWORD }
  const bob = httpClient({ url }, await tokenOf(anyone, witness.username, PASSWORD))
  await bob('POST', '/schemas/', { entity_name: 'note', fields: [{ name: 'text', type: 'text' }] })
  const lockFile = join(cwd, 'data', 'postgres', 'data', 'postmaster.pid')
  const postmaster = () => Number.parseInt(readFileSync(lockFile, 'utf8'), 10)
  // `env`, which started it, has become it.
  return { server, url, pid: server.child.pid as number, postmaster, witness }
}
