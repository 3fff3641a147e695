// What the server sends to the database, noted for tests.

import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { TenantQuery } from '../../../lib/db/batching/tenant-query.ts'

export interface Recorded {
  text: string
  values: unknown[]
}

/** What the server does by itself every now and then. */
const BACKGROUND = /claim_slot_fill|deleted_tenants|pg_locks/

/** Notes every statement that requests make the server send from now on. */
export function recordStatements(t: Test, app: FastifyInstance): Recorded[] {
  const sent: Recorded[] = []
  const { submit } = TenantQuery.prototype
  TenantQuery.prototype.submit = function (wire) {
    for (const { statements } of this.batches) for (const { text, values } of statements) note(text, values)
    return submit.call(this, wire)
  }
  t.teardown(() => {
    TenantQuery.prototype.submit = submit
  })
  const note = (text: unknown, values: unknown) => {
    if (typeof text !== 'string' || BACKGROUND.test(text)) return
    sent.push({ text, values: Array.isArray(values) ? values : [] })
  }
  const wrapped = new WeakSet<object>()
  app.pg.pool.on('acquire', (client) => {
    if (wrapped.has(client)) return
    wrapped.add(client)
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((...args: unknown[]) => {
      const [first, second] = args
      if (typeof first === 'string') note(first, second)
      else note((first as Recorded).text, (first as Recorded).values)
      return query(...args)
    }) as never
  })
  return sent
}
