// Articles whose history is kept and whose changes can be followed, and authors of whom nothing is kept.
import pg from 'pg'
import type { Test } from 'tap'
import type { AppOptions } from '../../../app.ts'
import { asAdmin, startWithAdmin } from '../app.ts'
import { until } from '../until.ts'

const AUTHOR = { entity_name: 'author', fields: [{ name: 'name', type: 'string' }] }

export const ARTICLE = {
  entity_name: 'article',
  history: true,
  feed: true,
  fields: [
    { name: 'title', type: 'string', indexed: true },
    { name: 'price', type: 'decimal', scale: 2 },
    { name: 'tags', type: 'array', items: { type: 'string' } },
    { name: 'author', type: 'relation', entity: 'author', on_delete: 'set_null' },
    { name: 'code', type: 'string', unique: true },
  ],
}

export async function startLogged(t: Test, options: AppOptions = {}) {
  const { app, database } = await startWithAdmin(t, {}, options)
  const send = await asAdmin(app)
  await send('POST', '/schemas', AUTHOR)
  const made = await send('POST', '/schemas', ARTICLE)
  if (made.statusCode !== 201) throw new Error(made.body)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const now = async () => {
    const { rows } = await client.query("select date_trunc('milliseconds', clock_timestamp()) as now")
    return (rows[0].now as Date).getTime()
  }
  /** A time between two requests: a whole millisecond, with another one before and after it. */
  const moment = async () => {
    const begin = await now()
    await until(async () => (await now()) > begin)
    const time = await now()
    await until(async () => (await now()) > time)
    return new Date(time).toISOString()
  }
  const admin = (await send('GET', '/auth/me')).json().id as string
  return { app, database, send, client, moment, admin }
}
