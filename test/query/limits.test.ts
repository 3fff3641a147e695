// What a query may be at most: past each limit it is refused at once, by HTTP too, and up to it it is answered.

import type { AddressInfo } from 'node:net'
import t from 'tap'
import {
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_EMBED_DEPTH,
  MAX_EMBEDS,
  MAX_ORDER,
  MAX_QUERY_LENGTH,
  MAX_SELECT,
} from '../../lib/query/limits.ts'
import { ADMIN, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

const repeat = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(',')

const nested = (depth: number, start: string, inner: string) =>
  `${start.repeat(depth)}${inner}${')'.repeat(depth)}`

/** By the limit: the query string of this size. */
const queries: [limit: string, most: number, search: (size: number) => string, message: RegExp][] = [
  ['characters', MAX_QUERY_LENGTH, (n) => `name=eq.${'x'.repeat(n - 8)}`, /at most 32768 characters/],
  [
    'filters',
    MAX_CONDITIONS,
    (n) => repeat(n, (at) => `size=gt.${at}`).replaceAll(',', '&'),
    /at most 100 cond/,
  ],
  [
    'filters in a tree',
    MAX_CONDITIONS - 1,
    (n) => `or=(${repeat(n, (at) => `size.eq.${at}`)})`,
    /at most 100/,
  ],
  ['values of any', MAX_CONDITIONS, (n) => `size=eq(any).{${repeat(n, String)}}`, /at most 100 conditions/],
  [
    'filters of an embed',
    MAX_CONDITIONS,
    (n) => `select=part_of(id)&${repeat(n, (at) => `part_of.size=gt.${at}`).replaceAll(',', '&')}`,
    /at most 100/,
  ],
  ['nesting of logic', MAX_DEPTH, (n) => `and=(${nested(n - 1, 'or(', 'size.eq.1')})`, /at most 10 levels/],
  [
    'depth of a path',
    MAX_DEPTH,
    (n) => `meta${repeat(n, String).replaceAll(/,?(\d)/g, '->$1')}=is.null`,
    /at most 10 times/,
  ],
  ['items of select', MAX_SELECT, (n) => `select=${repeat(n, (at) => `a${at}:size`)}`, /at most 1000 items/],
  ['keys of an order', MAX_ORDER, (n) => `order=${repeat(n, (at) => `meta->${at}`)}`, /at most 10 fields/],
  ['depth of embedding', MAX_EMBED_DEPTH, (n) => `select=${nested(n, 'part_of(', 'id')}`, /at most 5 levels/],
  [
    'width of embedding',
    MAX_EMBEDS,
    (n) => `select=${repeat(n, (at) => `a${at}:part_of(id)`)}`,
    /at most 20 ent/,
  ],
  [
    'embeds in embeds',
    MAX_EMBEDS - 1,
    (n) => `select=part_of(${repeat(n, (at) => `a${at}:part_of(id)`)})`,
    /at most 20 ent/,
  ],
  [
    'depth of a parameter',
    MAX_EMBED_DEPTH,
    (n) => `select=${nested(Math.min(n, 5), 'part_of(', 'id')}&${'part_of.'.repeat(n)}limit=1`,
    /at most 5 levels/,
  ],
]

t.test('a query may be so large and no larger', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const fields = [
    { name: 'name', type: 'string' },
    { name: 'size', type: 'integer' },
    { name: 'meta', type: 'json' },
    { name: 'part_of', type: 'relation', entity: 'thing' },
  ]
  await send('POST', '/schemas', { entity_name: 'thing', fields })
  const [first] = (await send('POST', '/thing', [{ name: 'x', size: 1 }])).json()
  await send('PATCH', `/thing/${first.id}`, { part_of: first.id })

  for (const [limit, most, search, message] of queries) {
    const within = await send('GET', `/thing?${search(most)}`)
    t.equal(within.statusCode, 200, `${limit}: ${most} ${within.body.slice(0, 300)}`)
    const beyond = await send('GET', `/thing?${search(most + 1)}`)
    t.match(beyond.json(), { status: 400, code: 'malformed_query', detail: message }, limit)
    const written = await send('PATCH', `/thing?size=eq.1&${search(most + 1)}`, { size: 1 })
    t.equal(written.statusCode, 400, `${limit}, of a change`)
  }

  await t.test('a request line past everything is refused by its head', async (t) => {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/thing?name=eq.`
    const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
    const headers = { authorization: `Bearer ${access_token}` }
    t.match(await fetch(url + 'x'.repeat(40_000), { headers }), { status: 400 })
    t.match(await fetch(url + 'x'.repeat(100_000), { headers }), { status: 431 })
    t.equal((await send('GET', '/thing')).statusCode, 200)
  })
})
