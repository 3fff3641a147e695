// Things with a code of their own, for the tests of writes of many.
import type { Test } from 'tap'
import { asAdmin, startWithAdmin } from '../app.ts'

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'code', type: 'string', unique: true },
    { name: 'size', type: 'integer', min: 0 },
    { name: 'note', type: 'string' },
  ],
}

export async function startCoded(t: Test) {
  const { app, database } = await startWithAdmin(t, { BODY_LIMIT: 4_000_000 })
  const send = await asAdmin(app)
  await send('POST', '/schemas', THING)
  const count = async (filter = '') => {
    const { headers } = await send('HEAD', `/thing?${filter}`, undefined, { prefer: 'count=exact' })
    return Number(String(headers['content-range']).split('/')[1])
  }
  return { app, database, send, count }
}
