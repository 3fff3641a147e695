// A long list takes no more memory than what is on its way.
import t from 'tap'
import { startMany } from '../support/records/exports.ts'

t.test('a long list is streamed with flat memory', async (t) => {
  const { url, headers } = await startMany(t)
  const answer = await fetch(`${url}?select=name,size`, { headers })
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  let bytes = (await reader.read()).value?.length ?? 0
  global.gc?.()
  const before = process.memoryUsage()
  let most = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.length
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    most = Math.max(most, heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers)
  }
  t.ok(most < bytes * 8, `${most} bytes for ${bytes}`)
})
