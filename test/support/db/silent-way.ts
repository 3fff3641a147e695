// A network between a server of the tests and its database that may fall silent.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Test } from 'tap'

/** A way to the database that swallows what passes on it while `silent`. */
export async function startWay(test: Test, url: string) {
  const way = { url: '', silent: false }
  const target = new URL(url)
  const [host, port] = [decodeURIComponent(target.hostname), target.port]
  const server = createServer((near) => {
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(Number(port), host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => !way.silent && to.write(bytes))
      from.on('close', () => to.destroy()).on('error', () => {})
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.teardown(() => server.close())
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  way.url = target.href
  return way
}
