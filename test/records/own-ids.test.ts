// Records under ids that their clients have made: created_at and updated_at are the times of the write.

import t from 'tap'
import { firstIdAt } from '../../lib/entities/record-id.ts'
import { addUser, as, asAdmin, startWithAdmin } from '../support/app.ts'

const DAY = 86_400_000

/** A UUIDv7 of a time. */
const idOf = (time: number, n: number) =>
  firstIdAt(time).replace('-0000-0000-000000000000', `-7000-8000-${String(n).padStart(12, '0')}`)

const MERGE = 'resolution=merge-duplicates, return=representation'

t.test('an old id does not forge the times of its record', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'thing', fields: [{ name: 'name', type: 'string' }] })
  await send('POST', '/thing', [{ name: 'a' }, { name: 'b' }])
  const began = Date.now()
  const names = async (query: string) =>
    (await send('GET', `/thing?select=name&${query}`)).json().map(({ name }: { name: string }) => name)
  const isNow = (time: string) => Date.parse(time) >= began - 2000 && Date.parse(time) <= Date.now() + 2000

  const young = { id: idOf(began - 2000, 1), name: 'young' }
  const [made] = (await send('POST', '/thing', [young], { prefer: MERGE })).json()
  t.equal(Date.parse(made.created_at), began - 2000, 'a fresh id tells the time')
  t.ok(Date.parse(made.updated_at) >= began, made.updated_at)
  t.same(
    await names('order=created_at'),
    ['a', 'b', 'young'].sort((a, b) => (a === 'young' ? -1 : a < b ? -1 : 1)),
  )

  for (const [at, send] of [
    await asAdmin(app),
    as(app, (await addUser(app, 'ada', 'user')).tokens.access_token),
  ].entries()) {
    const id = idOf(began - 3 * DAY, 10 + at)
    const answer = await send('POST', '/thing', { id, name: `old${at}` }, { prefer: MERGE })
    t.equal(answer.statusCode, 201, answer.body)
    const [record] = [answer.json()].flat()
    t.equal(record.id, id)
    t.ok(isNow(record.created_at) && isNow(record.updated_at), `${record.created_at} ${record.updated_at}`)
  }
  const ndjson = { 'content-type': 'application/x-ndjson', prefer: MERGE }
  const line = `${JSON.stringify({ id: idOf(began - DAY, 20), name: 'line' })}\n`
  t.ok(isNow((await send('POST', '/thing', line, ndjson)).json()[0].created_at))
  const partial = await send('POST', '/thing', [{ id: idOf(began - DAY, 21), name: 'part' }], {
    prefer: `${MERGE}, bulk=partial`,
  })
  t.ok(isNow(partial.json()[0].record.created_at))

  const since = encodeURIComponent(new Date(began - 3_600_000).toISOString())
  const all = ['a', 'b', 'line', 'old0', 'old1', 'part', 'young']
  t.same((await names(`created_at=gt.${since}`)).sort(), all)
  t.same((await names(`updated_at=gt.${since}`)).sort(), all)
  t.same(await names(`created_at=lt.${since}`), [])
  t.same(await names('order=created_at.desc&limit=2'), ['part', 'line'])
  t.same((await names('order=created_at')).slice(-4), ['old0', 'old1', 'line', 'part'])
  const pages: string[] = []
  for (let url = '/thing?select=name&order=created_at&limit=2'; url !== ''; ) {
    const { headers, body } = await send('GET', url)
    pages.push(...JSON.parse(body).map(({ name }: { name: string }) => name))
    url = /<([^>]*)>/.exec(String(headers.link ?? ''))?.[1] ?? ''
  }
  t.same(pages, await names('order=created_at'), 'page by page')

  const [old] = (await send('GET', '/thing?name=eq.old0')).json()
  const again = await send('POST', '/thing', { id: old.id, name: 'old0' }, { prefer: MERGE })
  t.equal([again.json()].flat()[0].created_at, old.created_at, 'a merge keeps the time of creation')
  const future = await send('POST', '/thing', { id: idOf(began + DAY, 1), name: 'x' }, { prefer: MERGE })
  t.equal(future.statusCode, 400)
})

t.test('many old ids at once, from several clients', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'thing', fields: [{ name: 'name', type: 'string' }] })
  const old = Date.now() - DAY
  const bodies = Array.from({ length: 8 }, (_, client) =>
    Array.from({ length: 300 }, (_, n) => ({ id: idOf(old + n, client * 1000 + n), name: 'x' })),
  )
  const answers = await Promise.all(bodies.map((body) => send('POST', '/thing', body, { prefer: MERGE })))
  t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([201]))
  const since = encodeURIComponent(new Date(old + DAY / 2).toISOString())
  const { headers } = await send('HEAD', `/thing?created_at=gt.${since}`, undefined, {
    prefer: 'count=exact',
  })
  t.match(headers['content-range'], /\/2400$/)
})
