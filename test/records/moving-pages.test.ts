// Pages that follow one another by their Link while records come, change and go: what was there from the first page to the
// last is on one of them, once and in its place, whatever the order and however many records are equal in it.
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

interface Thing {
  id: string
  name: string | null
  size: number | null
}

const ORDERS = [
  'id',
  'id.desc',
  'size',
  'size.desc',
  'size.asc.nullsfirst',
  'size.desc.nullslast',
  'name,size.desc',
  'name.desc.nullslast,size',
  'created_at.desc,name',
]

/** What happens between two pages. */
const event = fc.record({
  make: fc.array(
    fc.record({
      name: fc.constantFrom(null, 'a', 'A', 'b'),
      size: fc.constantFrom(null, 0, 1, 2, -1),
    }),
    { maxLength: 4 },
  ),
  remove: fc.array(fc.nat(60), { maxLength: 3 }),
})

async function start(t: Test) {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const fields = [
    { name: 'name', type: 'string' },
    { name: 'size', type: 'integer', indexed: true },
  ]
  await send('POST', '/schemas', { entity_name: 'thing', fields })
  const list = async (search: string) => {
    const answer = await send('GET', `/thing?${search}`)
    if (answer.statusCode !== 200) throw new Error(answer.body)
    const next = /^<.*[?&]cursor=([^&>]*).*>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1]
    return { records: answer.json() as Thing[], next }
  }
  return { send, list }
}

t.test('pages stay right while records come and go', async (t) => {
  const { send, list } = await start(t)
  const change = async ({ make, remove }: { make: object[]; remove: number[] }, records: Thing[]) => {
    if (make.length > 0) await send('POST', '/thing', make)
    const ids = remove.flatMap((at) => records[at]?.id ?? [])
    if (ids.length > 0) await send('DELETE', `/thing?id=in.(${ids})`)
  }
  const run = async (order: string, limit: number, events: { make: object[]; remove: number[] }[]) => {
    await send('DELETE', '/thing?id=not.is.null')
    const start = Array.from({ length: 24 }, (_, n) => ({
      name: ['a', 'A', null, 'b'][n % 4],
      size: n % 3 ? n % 2 : null,
    }))
    await send('POST', '/thing', start)
    const { records: before } = await list(`order=${order}&limit=1000`)
    const seen: Thing[] = []
    for (let page = 0, cursor = ''; ; page++) {
      const { records, next } = await list(`order=${order}&limit=${limit}${cursor}`)
      seen.push(...records)
      if (next === undefined) break
      cursor = `&cursor=${next}`
      await change(events[page] ?? { make: [], remove: [] }, before)
    }
    const { records: after } = await list(`order=${order}&limit=1000`)
    const stayed = new Set(before.map(({ id }) => id).filter((id) => after.some((one) => one.id === id)))
    const ids = seen.map(({ id }) => id)
    t.equal(new Set(ids).size, ids.length, `${order} by ${limit}: none twice`)
    t.strictSame(
      ids.filter((id) => stayed.has(id)),
      before.map(({ id }) => id).filter((id) => stayed.has(id)),
      `${order} by ${limit}: each that stayed, in its place`,
    )
    const place = new Map(after.map(({ id }, at) => [id, at]))
    const places = ids.flatMap((id) => place.get(id) ?? [])
    t.strictSame(
      places,
      [...places].sort((a, b) => a - b),
      `${order} by ${limit}: new ones in theirs`,
    )
  }
  for (const [at, order] of ORDERS.entries())
    for (const [limit, seed] of [
      [1, 7],
      [5, 11],
      [7, 13],
    ] as const)
      await run(order, limit, fc.sample(event, { seed: seed + at, numRuns: 6 }))
})
