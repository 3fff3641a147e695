// Three records of an entity with unique values and relations, for tests of changes of many.
import type { Test } from 'tap'
import { asAdmin, startWithAdmin } from '../app.ts'

export const MISSING = '01980000-0000-7000-8000-000000000000'

export const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'name', type: 'string', required: true },
    { name: 'code', type: 'string', unique: true },
    { name: 'size', type: 'integer', min: 0 },
    { name: 'kind', type: 'string' },
    { name: 'of', type: 'relation', entity: 'thing' },
    { name: 'of_many', type: 'array', items: { type: 'relation', entity: 'thing' } },
  ],
  unique: [['kind', 'size']],
}

export interface Thing {
  id: string
  name: string
  code: string | null
  size: number | null
  updated_at: string
}

export async function startThings(t: Test, settings = {}) {
  const { app } = await startWithAdmin(t, settings)
  const send = await asAdmin(app)
  const defined = await send('POST', '/schemas', THING)
  if (defined.statusCode !== 201) throw new Error(defined.body)
  const rows = ['a', 'b', 'c'].map((code, size) => ({ name: code.toUpperCase(), code, size, kind: 'k' }))
  const things: Thing[] = (await send('POST', '/thing', rows)).json()
  const ids = things.map(({ id }) => id)
  const read = async (select = 'name,code,size') =>
    (await send('GET', `/thing?select=${select}&order=id&id=in.(${ids})`)).json()
  return { app, send, ids: ids as [string, string, string], read }
}
