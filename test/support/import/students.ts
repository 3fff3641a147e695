// The server that imports are tried on: an entity with a field of each kind that matters for CSV.
import type { Test } from 'tap'
import { asAdmin, startWithAdmin } from '../app.ts'

export const CSV = { 'content-type': 'text/csv' }

export const NDJSON = { 'content-type': 'application/x-ndjson' }

export const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string', required: true, max_length: 1000 },
    { name: 'age', type: 'integer', min: 0 },
    { name: 'email', type: 'email', unique: true },
    { name: 'level', type: 'enum', values: ['a', 'b'], default: 'a' },
    { name: 'ok', type: 'boolean' },
    { name: 'note', type: 'text' },
    { name: 'meta', type: 'json' },
    { name: 'friend', type: 'relation', entity: 'student' },
  ],
}

type More<N extends 1 | 2> = Parameters<typeof startWithAdmin>[N]

export async function startStudents(test: Test, settings: More<1> = {}, options: More<2> = {}) {
  const { app } = await startWithAdmin(test, settings, options)
  const send = await asAdmin(app)
  const defined = await send('POST', '/schemas', STUDENT)
  if (defined.statusCode !== 201) throw new Error(defined.body)
  const count = async () => {
    const { headers } = await send('HEAD', '/student', undefined, { prefer: 'count=exact' })
    return Number(String(headers['content-range']).split('/')[1])
  }
  return { app, send, count }
}
