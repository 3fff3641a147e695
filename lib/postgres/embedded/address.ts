// Where the embedded server listens and how it is reached: a socket in its private data directory, which other users
// of the machine cannot even knock at; a loopback port where such a socket is not possible. Both ask for the password.

import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import type { Address } from './postmaster.ts'

/** What a socket's path may have on every system (macOS has the least). */
const longestSocketPath = 103

/** The addresses to try, best first. */
export async function chooseAddresses(data: string): Promise<Address[]> {
  const port = { socket: false, port: await freePort() }
  const fits = Buffer.byteLength(join(data, '.s.PGSQL.5432')) <= longestSocketPath
  return fits && process.platform !== 'win32' ? [{ socket: true, port: 5432 }, port] : [port]
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0))
    })
  })
}

interface Connection {
  host: string
  port: number
  user: string
  password: string
}

export function connectionOf(
  { data, password }: Pick<Cluster, 'data' | 'password'>,
  address: Address,
): Connection {
  return { host: address.socket ? data : '127.0.0.1', port: address.port, user: 'univera', password }
}

/** The same as a URL, for whatever takes a DATABASE_URL. */
export function urlOf(cluster: Pick<Cluster, 'data' | 'password'>, address: Address): string {
  const { host, port, user, password } = connectionOf(cluster, address)
  return `postgresql://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/univera`
}
