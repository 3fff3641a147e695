// Bodies that take a server long keep nobody else waiting for long.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { LARGE_FIELDS, largeBodies } from '../support/records/large-bodies.ts'

type Send = Awaited<ReturnType<typeof asAdmin>>

/** Sends something heavy; the longest that another request took to be sent and answered meanwhile. */
async function meanwhile<T>(send: Send, heavy: () => Promise<T>): Promise<{ result: T; longest: number }> {
  let done = false
  let longest = 0
  const watch = async () => {
    while (!done) {
      const began = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 5))
      await send('GET', '/health/live')
      longest = Math.max(longest, performance.now() - began)
    }
  }
  const watching = watch()
  const result = await heavy()
  done = true
  await watching
  return { result, longest }
}

t.test('large bodies do not keep others waiting', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'thing', fields: LARGE_FIELDS })
  for (const { name, body, allowed } of largeBodies()) {
    const heavy = () => send('POST', '/thing', body, { 'content-type': 'application/json' })
    const { result, longest } = await meanwhile(send, heavy)
    t.ok(allowed.includes(result.statusCode), `${name}: ${result.statusCode} ${result.body.slice(0, 200)}`)
    t.ok(longest < 2000, `${name}: others waited ${Math.round(longest)} ms`)
  }
})
