// Prefer, in every combination: what is answered, what is stored, and what is said to have been done.
import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { MISSING } from '../support/records/students.ts'

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'code', type: 'string', unique: true },
    { name: 'size', type: 'integer' },
    { name: 'level', type: 'string', default: 'usual' },
  ],
}

type Choice = Record<string, string | undefined>

const NONE = undefined

/** Every combination of the preferences' values. */
function combine(preferences: Record<string, (string | undefined)[]>): Choice[] {
  return Object.entries(preferences).reduce<Choice[]>(
    (choices, [name, values]) =>
      choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
    [{}],
  )
}

const HOW = {
  return: [NONE, 'minimal', 'representation', 'headers-only'],
  count: [NONE, 'exact'],
  tx: [NONE, 'rollback'],
}

const creations = combine({
  ...HOW,
  resolution: [NONE, 'merge-duplicates', 'ignore-duplicates'],
  missing: [NONE, 'default'],
})

const changes = combine({ ...HOW, 'max-affected': [NONE, '0', '1', '2'] })

/** As a header; every other request is strict about it. */
function headerOf(choice: Choice, at: number): Record<string, string> {
  const preferences = { ...choice, handling: at % 2 === 0 ? 'strict' : NONE }
  const given = Object.entries(preferences).filter(([, value]) => value !== undefined)
  return given.length === 0 ? {} : { prefer: given.map(([name, value]) => `${name}=${value}`).join(', ') }
}

const sorted = (header: unknown) =>
  String(header ?? '')
    .split(', ')
    .sort()

async function start(t: Test) {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', THING)
  const rows = async () =>
    (await send('GET', '/thing?select=code,size,level&order=code')).json() as Record<string, unknown>[]
  const reset = async () => {
    await send('DELETE', '/thing?id=not.is.null')
    await send('POST', '/thing', [
      { code: 'a', size: 1 },
      { code: 'b', size: 2 },
    ])
  }
  return { send, rows, reset }
}

const A = { code: 'a', size: 1, level: 'usual' }

const B = { code: 'b', size: 2, level: 'usual' }

/** Two records are picked. */
const isTooMuch = (choice: Choice) => Number(choice['max-affected'] ?? 2) < 2

/** What becomes of a POST of two records; `b` is there already and the upserts meet it. */
function expectedOf({ resolution, missing }: Choice) {
  const level = missing === 'default' ? 'usual' : null
  const made = { code: 'c', size: 3, level }
  const other = { code: 'd', size: 4, level }
  // A merge sets what the row gives and nothing else.
  const merged = { ...B, size: 9 }
  if (resolution === undefined) return { told: [made, other], after: [A, B, made, other] }
  const isMerge = resolution === 'merge-duplicates'
  return { told: isMerge ? [made, merged] : [made], after: [A, isMerge ? merged : B, made] }
}

/** Whether the records themselves are told. */
const represents = (wanted: string | undefined, method: string) =>
  wanted === 'representation' || (wanted === undefined && method === 'POST')

t.test('a POST', async (t) => {
  const { send, rows, reset } = await start(t)
  const url = '/thing?columns=code,size,level&on_conflict=code&select=code,size,level'
  await reset()
  for (const [at, choice] of creations.entries()) {
    const headers = headerOf(choice, at)
    const what = headers.prefer ?? 'no preference'
    const second = choice.resolution === undefined ? { code: 'd', size: 4 } : { code: 'b', size: 9 }
    const { told, after } = expectedOf(choice)
    const answer = await send('POST', url, [{ code: 'c', size: 3 }, second], headers)
    t.equal(answer.statusCode, 201, `${what}: ${answer.body}`)
    t.strictSame(answer.body && answer.json(), represents(choice.return, 'POST') ? told : '', what)
    t.equal(answer.headers['content-range'], choice.count && `*/${told.length}`, what)
    t.same(sorted(answer.headers['preference-applied']), sorted(headers.prefer), what)
    t.strictSame(await rows(), choice.tx === 'rollback' ? [A, B] : after, what)
    if (choice.tx !== 'rollback') await reset()
  }
})

const verbs = {
  PATCH: { body: { level: 'changed' }, level: 'changed', range: (total = '*') => `0-1/${total}` },
  DELETE: { body: undefined, level: 'usual', range: (total = '*') => `*/${total}` },
}

for (const method of ['PATCH', 'DELETE'] as const) {
  const { body, level, range } = verbs[method]
  const picked = [A, B].map((record) => ({ ...record, level }))

  t.test(`a ${method} by filter`, async (t) => {
    const { send, rows, reset } = await start(t)
    await reset()
    for (const [at, choice] of changes.filter((choice) => !isTooMuch(choice)).entries()) {
      const headers = headerOf(choice, at)
      const what = headers.prefer ?? 'no preference'
      const told = represents(choice.return, method) ? picked : ''
      const answer = await send(method, '/thing?size=gt.0&select=code,size,level&order=code', body, headers)
      t.equal(answer.statusCode, told ? 200 : 204, `${what}: ${answer.body}`)
      t.strictSame(answer.body && answer.json(), told, what)
      t.equal(answer.headers['content-range'], range(choice.count && '2'), what)
      t.same(sorted(answer.headers['preference-applied']), sorted(headers.prefer), what)
      const after = method === 'PATCH' ? picked : []
      t.strictSame(await rows(), choice.tx === 'rollback' ? [A, B] : after, what)
      if (choice.tx !== 'rollback') await reset()
    }
  })

  t.test(`a ${method} of more than max-affected`, async (t) => {
    const { send, rows, reset } = await start(t)
    await reset()
    for (const [at, choice] of changes.filter(isTooMuch).entries()) {
      const headers = headerOf(choice, at)
      const answer = await send(method, '/thing?size=gt.0&select=code,level', body, headers)
      t.match(answer.json(), { status: 400, code: 'PGRST124', details: 'The query affects 2 rows' })
      t.strictSame(await rows(), [A, B], headers.prefer ?? '')
    }
  })
}

const onOne = combine({ return: HOW.return, tx: HOW.tx })

const REPRESENTED = 'representation'

const singles = {
  PUT: {
    body: { code: 'a', size: 5 },
    record: { ...A, size: 5 },
    after: [{ ...A, size: 5 }, B],
    usual: REPRESENTED,
  },
  PATCH: { body: { size: 5 }, record: { ...A, size: 5 }, after: [{ ...A, size: 5 }, B], usual: REPRESENTED },
  DELETE: { body: undefined, record: A, after: [B], usual: 'minimal' },
} as const

for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
  const { body, record, after, usual } = singles[method]

  t.test(`a ${method} by id`, async (t) => {
    const { send, rows, reset } = await start(t)
    const idOfA = async () => (await send('GET', '/thing?code=eq.a')).json()[0].id as string
    await reset()
    for (const [at, choice] of onOne.entries()) {
      const headers = headerOf(choice, at)
      const what = headers.prefer ?? 'no preference'
      const told = (choice.return ?? usual) === REPRESENTED ? record : ''
      const answer = await send(method, `/thing/${await idOfA()}?select=code,size,level`, body, headers)
      t.equal(answer.statusCode, told ? 200 : 204, `${what}: ${answer.body}`)
      t.strictSame(answer.body && answer.json(), told, what)
      t.same(sorted(answer.headers['preference-applied']), sorted(headers.prefer), what)
      t.strictSame(await rows(), choice.tx === 'rollback' ? [A, B] : after, what)
      if (choice.tx !== 'rollback') await reset()
    }
  })

  t.test(`a ${method} by id takes no filter, and none is passed over`, async (t) => {
    const { send, rows, reset } = await start(t)
    await reset()
    const [{ id }] = (await send('GET', '/thing?code=eq.a')).json()
    for (const query of ['code=eq.nobody', 'or=(size.gt.5)', 'name=John', 'select=nope']) {
      const answer = await send(method, `/thing/${id}?${query}`, body, { prefer: 'return=representation' })
      t.equal(answer.statusCode, 400, query)
    }
    t.strictSame(await rows(), [A, B])
  })
}

t.test('an answer that is one object is not sent where none is wanted', async (t) => {
  const { send, reset } = await start(t)
  await reset()
  const headers = { accept: 'application/vnd.pgrst.object+json', prefer: 'return=minimal' }
  t.match(await send('PATCH', '/thing?code=eq.a', { size: 7 }, headers), { statusCode: 204, body: '' })
  t.match(await send('PATCH', '/thing?size=gt.0', { size: 8 }, headers), {
    statusCode: 406,
    body: /PGRST116/,
  })
  t.match(await send('POST', '/thing', { code: 'm' }, headers), { statusCode: 201, body: '' })
  t.equal((await send('GET', '/thing?size=eq.8')).body, '[]', 'nothing has changed')
})

t.test('columns says which members of a change count', async (t) => {
  const { send, rows, reset } = await start(t)
  await reset()
  const [{ id }] = (await send('GET', '/thing?code=eq.a')).json()
  for (const [size, url] of ['/thing?code=eq.a&columns=size', `/thing/${id}?columns=size`].entries()) {
    t.ok((await send('PATCH', url, { size, code: 'passed over', nope: 1 })).statusCode < 300, url)
    t.strictSame(await rows(), [{ ...A, size }, B], url)
    t.equal((await send('PATCH', `${url},nope`, { size: 9 })).json().code, 'unknown_field')
  }
  await send('PATCH', '/thing?code=eq.a&columns=size,level', { size: 9 })
  t.strictSame(await rows(), [{ ...A, size: 9, level: null }, B], 'what is missing is unset')
  await send('PATCH', '/thing?code=eq.a&columns=level', {}, { prefer: 'missing=default' })
  t.strictSame(await rows(), [{ ...A, size: 9 }, B], 'or takes its default')
})

t.test('handling: strict refuses what is unknown, lenient and silence pass over it', async (t) => {
  const { send, rows } = await start(t)
  const requests = [
    ['POST', '/thing', { code: 'x' }],
    ['PATCH', '/thing?code=eq.nobody', { size: 1 }],
    ['DELETE', '/thing?code=eq.nobody', undefined],
    ['GET', '/thing', undefined],
    ['GET', `/thing/${MISSING}`, undefined],
    ['PUT', `/thing/${MISSING}`, { code: 'x' }],
    ['DELETE', `/thing/${MISSING}`, undefined],
  ] as const
  for (const [method, url, body] of requests) {
    const strict = await send(method, url, body, { prefer: 'handling=strict, walk=fast, return=all' })
    t.match(strict, { statusCode: 400, body: /PGRST122.*walk=fast, return=all/ }, method)
  }
  t.same(await rows(), [], 'and has done nothing')
  for (const [method, url, body] of requests)
    for (const handling of ['handling=lenient, ', ''])
      t.ok((await send(method, url, body, { prefer: `${handling}walk=fast` })).statusCode < 410, method)
})
