// Messages are measured by their headers, however the stream cuts them; a connection that gets a huge or broken one ends, and
// nothing else does.
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { GuardedClient, MessageGuard } from '../../../lib/db/connections/guarded-client.ts'
import { socketOf } from '../../../lib/db/connections/pg-adapter.ts'
import { exchange } from '../../../lib/db/connections/round-trip.ts'
import { createEmptyDatabase } from '../../support/test-database.ts'

const message = (length: number) => {
  const bytes = Buffer.alloc(length + 1, 1)
  bytes.writeUInt32BE(length, 1)
  return bytes
}

t.test('a message is accepted by its length, in any pieces', async () => {
  const lengths = fc.array(fc.integer({ min: 4, max: 300 }), { minLength: 1, maxLength: 20 })
  const pieces = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 })
  fc.assert(
    fc.property(lengths, pieces, (lengths, sizes) => {
      const guard = new MessageGuard(200)
      const all = Buffer.concat(lengths.map(message))
      let accepted = true
      for (let at = 0, n = 0; at < all.length && accepted; n++) {
        const size = sizes[n % sizes.length] as number
        accepted = guard.accepts(all.subarray(at, at + size))
        at += size
      }
      return accepted === lengths.every((length) => length <= 200)
    }),
  )
})

async function connect(test: Test) {
  const client = new GuardedClient({ connectionString: await createEmptyDatabase(test) })
  client.on('error', () => {})
  await client.connect()
  test.teardown(() => client.end().catch(() => {}))
  return client
}

const ask = (client: GuardedClient, text: string) => exchange(client, [{ name: '', text, values: [] }], 1000)

t.test('a value of 200 MiB fails one request, on one connection', async (t) => {
  const client = await connect(t)
  const { error } = await ask(client, "select repeat('x', 200 * 1024 * 1024)")
  t.match(error, { kind: { code: 'answer_too_large' } })
  t.ok(socketOf(client).destroyed)
})

t.test('rows without end fail one request', async (t) => {
  const client = await connect(t)
  const outcome = exchange(
    client,
    [{ name: '', text: "select repeat('x', 100000) from generate_series(1, 100000)", values: [] }],
    1,
  )
  t.match((await outcome).error, { kind: { code: 'answer_too_large' } })
})

t.test('what cannot be parsed ends the connection, not the process', async (t) => {
  const client = await connect(t)
  const asked = ask(client, 'select pg_sleep(60)')
  // BackendKeyData without its two numbers.
  socketOf(client).emit('data', Buffer.from([75, 0, 0, 0, 4]))
  t.ok((await asked).error)
  t.ok(socketOf(client).destroyed)
})
