// Records whose sort keys are of an earlier version are found meanwhile, and get the keys of this one beside live traffic.

import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { formerTextKey, textKey } from '../../lib/fields/text-key.ts'
import { asAdmin, startApp } from '../support/app.ts'
import { look, startSlots } from '../support/indexing/entity.ts'
import { until } from '../support/until.ts'

const NAMES = [
  'Zebra',
  'Øre',
  'Pia',
  '각',
  '가다',
  'Łódź',
  'Lodz',
  'Ærø',
  'x'.repeat(250),
  `Ø${'x'.repeat(250)}`,
]

const FIELDS = [
  { name: 'name', type: 'string', indexed: true },
  { name: 'note', type: 'text' },
]

async function startFormer(test: typeof t) {
  const { app, database, send } = await startSlots(test as never)
  await send('POST', '/schemas', { entity_name: 'thing', fields: FIELDS })
  await send(
    'POST',
    '/thing',
    NAMES.map((name) => ({ name, note: name })),
  )
  for (const name of NAMES) {
    const key = formerTextKey(name) ?? textKey(name)
    const keys = JSON.stringify({ name: key, note: key })
    await look(app, `update record set keys = $1, k1 = $2 where data->>'name' = $3`, [keys, key, name])
  }
  await look(app, `update entity set definition = definition || '{"formerKeys": true}' where name = 'thing'`)
  await look(
    app,
    `insert into key_fill (tenant_id, entity_id, due_at)
     select tenant_id, id, now() + interval '1 hour' from entity where name = 'thing'`,
  )
  const later = await startApp(test as never, database)
  return { app: later, send: await asAdmin(later) }
}

const wrongKeys = (app: Parameters<typeof look>[0]) =>
  look<{ name: string; keys: Record<string, string>; k1: string }>(
    app,
    `select data->>'name' as name, keys, k1 from record where data ? 'name'`,
  ).then((rows) =>
    rows.filter(({ name, keys, k1 }) => {
      const key = textKey(name)
      return k1 !== key || !isDeepStrictEqual(keys, { note: key })
    }),
  )

t.test('former keys are found, and derived again', async (t) => {
  const { app, send } = await startFormer(t as never)
  const names = async (query: string) => {
    const answer = await send('GET', `/thing?${query}`)
    t.equal(answer.statusCode, 200, query)
    return answer.json().map(({ name }: { name: string }) => name)
  }
  const findable = async (when: string) => {
    for (const field of ['name', 'note'])
      for (const name of NAMES) {
        const value = encodeURIComponent(name)
        t.strictSame(await names(`${field}=eq.${value}`), [name], `${when}: ${field} ${name.slice(0, 9)}`)
        t.strictSame(await names(`${field}=in.(${value},nothing)`), [name])
        t.equal((await names(`${field}=neq.${value}`)).length, NAMES.length - 1)
      }
    t.strictSame(await names('name=ilike.ae*'), ['Ærø'], when)
    t.strictSame((await names('name=ilike.o*')).length, 2, when)
    t.strictSame(await names('name=ilike.lodz'), ['Łódź', 'Lodz'], when)
    t.strictSame(await names('note=ilike.*가*'), ['가다'], when)
  }
  t.ok((await wrongKeys(app)).length > 5)
  await findable('before')
  await send('POST', '/thing', { name: 'Ölig', note: 'Ölig' })
  await look(app, 'update key_fill set due_at = now()')
  app.indexer.wake()
  await until(
    async () => (await look<{ again: boolean }>(app, 'select again from key_fill'))[0]?.again === true,
    'the first pass is done',
  )
  t.strictSame(await wrongKeys(app), [])
  t.strictSame(await look(app, `select 1 from entity where definition ? 'formerKeys'`), [])
  await send('DELETE', `/thing?name=eq.${encodeURIComponent('Ölig')}`)
  await findable('after')
  t.strictSame((await names('order=name&limit=4')).slice(0, 3), ['Ærø', 'Lodz', 'Łódź'])

  // An older process has written meanwhile.
  await look(app, `update record set keys = $1, k1 = $2 where data->>'name' = 'Øre'`, [
    JSON.stringify({ name: formerTextKey('Øre'), note: formerTextKey('Øre') }),
    formerTextKey('Øre'),
  ])
  await look(app, 'update key_fill set due_at = now()')
  app.indexer.wake()
  await until(async () => (await look(app, 'select 1 from key_fill')).length === 0, 'the second pass is done')
  t.strictSame(await wrongKeys(app), [])
})

t.test('a definition keeps the mark until then', async (t) => {
  const { app, send } = await startFormer(t as never)
  await send('PUT', '/schemas/thing', { fields: [...FIELDS, { name: 'n', type: 'integer' }] })
  t.equal((await look(app, `select 1 from entity where definition ? 'formerKeys'`)).length, 1)
  t.notMatch((await send('GET', '/schemas/thing')).json(), { formerKeys: true })
})
