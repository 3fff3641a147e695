// A download takes no more memory than what its reader takes.

import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startFiles, upload } from '../support/files/app.ts'

const MIB = 1024 * 1024

t.test('what is not read takes no memory', async (t) => {
  const { app, admin } = await startFiles(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.server.closeAllConnections())
  const { url } = await upload(app, admin, { filename: 'big.txt', content: Buffer.alloc(49 * MIB, 'x') })
  const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const slow = await fetch(base + url, { headers: { authorization: `Bearer ${admin}` } })
  const reader = (slow.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  const before = process.memoryUsage().rss
  await sleep(300)
  t.ok(process.memoryUsage().rss - before < 20 * MIB)
  await reader.cancel()
})
