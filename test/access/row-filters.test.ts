// A row filter holds in every path: wherever a row could show, be counted, be changed or be linked to, one out of the
// caller's sight does not. The filter uses a field that he cannot read.
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { addUser, as, asAdmin } from '../support/app.ts'
import { MULTIPART, multipart, startFiles } from '../support/files/app.ts'

const TEAM = {
  entity_name: 'team',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'secret', type: 'boolean', default: false },
    { name: 'logo', type: 'file' },
  ],
}

const PLAYER = {
  entity_name: 'player',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'goals', type: 'integer' },
    { name: 'secret', type: 'boolean', default: false },
    { name: 'team', type: 'relation', entity: 'team' },
    { name: 'teams', type: 'relation', entity: 'team', many: true },
  ],
}

const CLUB = {
  entity_name: 'match',
  fields: [
    { name: 'day', type: 'string' },
    { name: 'player', type: 'relation', entity: 'player' },
    { name: 'team', type: 'relation', entity: 'team' },
    { name: 'secret', type: 'boolean', default: false },
  ],
}

interface Row {
  name: string
  url: string
  prefer?: string
  accept?: string
  /** The answer's JSON, or its text. */
  body: unknown
  range?: string
}

const ROWS: Row[] = JSON.parse(readFileSync('test/access/row-filters.json', 'utf8'))

async function start(t: Test) {
  const { app } = await startFiles(t)
  const admin = await asAdmin(app)
  for (const entity of [TEAM, PLAYER, CLUB]) await admin('POST', '/schemas', entity)
  await admin('PUT', '/auth/roles/clerk', {})
  const clerk = as(app, (await addUser(app, 'clerk', 'clerk')).tokens.access_token)
  const rule = { read: 'secret=is.false', create: true, update: true, delete: true }
  for (const [entity, read] of [
    ['team', ['name', 'logo']],
    ['player', ['name', 'goals', 'team', 'teams']],
    ['match', ['day', 'player', 'team']],
  ])
    await admin('PUT', `/schemas/${entity}/permissions/clerk`, { ...rule, fields: { read } })
  const made = async (url: string, body: object) => (await admin('POST', url, body)).json()
  const upload = async (content: string) =>
    (await admin('POST', '/files/upload', multipart({ filename: 'a.txt', content }), MULTIPART)).json()
  const [openLogo, hiddenLogo] = [await upload('open'), await upload('hidden')]
  const open = await made('/team', { name: 'open', logo: openLogo.id })
  const hidden = await made('/team', { name: 'hidden', secret: true, logo: hiddenLogo.id })
  const teams = [open.id, hidden.id]
  const [ann, bob, eve] = await made('/player', [
    { name: 'ann', goals: 1, team: open.id, teams },
    { name: 'bob', goals: 2, team: hidden.id, teams },
    { name: 'eve', goals: 4, secret: true, team: open.id, teams },
  ])
  await made('/match', [
    { day: 'mon', player: ann.id, team: open.id },
    { day: 'tue', player: eve.id, team: open.id },
    { day: 'wed', player: ann.id, team: hidden.id },
    { day: 'thu', player: bob.id, team: open.id, secret: true },
  ])
  return { admin, clerk, open, hidden, ann, bob, eve, openLogo, hiddenLogo }
}

t.test('no reading shows or counts a row out of sight', async (t) => {
  const { clerk, open, hidden, ann, eve } = await start(t)
  const ids = { OPEN: open.id, HIDDEN: hidden.id, ANN: ann.id, EVE: eve.id }
  const fill = (text: string) =>
    Object.entries(ids).reduce((all, [word, id]) => all.replaceAll(word, id), text)
  for (const { name, url, prefer, accept, body, range } of ROWS) {
    const headers = { ...(prefer && { prefer }), ...(accept && { accept }) }
    const answer = await clerk('GET', fill(url), undefined, headers)
    const told = typeof body === 'string' ? answer.body : answer.json()
    t.match([answer.statusCode, ''], [/^(200|206|404)$/, ''], answer.body)
    if (answer.statusCode === 404) t.match(told, body, name)
    else t.strictSame(told, JSON.parse(fill(JSON.stringify(body))), `${name}: ${url}`)
    if (range !== undefined) t.equal(answer.headers['content-range'], range, name)
  }
})

t.test('pages pass over rows out of sight and end where the others do', async (t) => {
  const { clerk, admin } = await start(t)
  const many = Array.from({ length: 30 }, (_, at) => ({
    name: `p${at}`,
    goals: at % 3,
    secret: at % 2 === 0,
  }))
  await admin('POST', '/player', many)
  for (const order of ['', '&order=goals.desc,name']) {
    const names: string[] = []
    for (let url: string | undefined = `/player?select=name,goals&limit=4${order}`; url !== undefined; ) {
      const page: Awaited<ReturnType<typeof clerk>> = await clerk('GET', url)
      names.push(...page.json().map(({ name }: { name: string }) => name))
      url = /<([^>]*)>; rel="next"/.exec(String(page.headers.link ?? ''))?.[1]
    }
    t.equal(names.length, 17, order)
    t.equal(new Set(names).size, 17)
  }
})

t.test('no writing touches a row out of sight', async (t) => {
  const { admin, clerk, eve } = await start(t)
  await admin('DELETE', '/match?id=not.is.null')
  const whole = async () => (await admin('GET', `/player/${eve.id}`)).body
  const before = await whole()
  const represented = { prefer: 'return=representation' }
  for (const [method, url, body, status] of [
    ['PUT', `/player/${eve.id}`, { name: 'x' }, 404],
    ['PATCH', `/player/${eve.id}`, { name: 'x' }, 404],
    ['DELETE', `/player/${eve.id}`, undefined, 404],
    ['PATCH', `/player?id=eq.${eve.id}`, { name: 'x' }, 204],
    ['DELETE', `/player?id=eq.${eve.id}`, undefined, 204],
    ['PATCH', '/player?goals=gt.3', { name: 'x' }, 204],
    ['DELETE', '/player?goals=gt.3', undefined, 204],
  ] as const)
    t.equal((await clerk(method, url, body)).statusCode, status, `${method} ${url}`)
  for (const [method, body] of [
    ['PATCH', { goals: 9 }],
    ['DELETE', undefined],
  ] as const) {
    const answer = await clerk(method, '/player?select=name&name=in.(ann,eve)&order=name', body, represented)
    t.strictSame(answer.json(), [{ name: 'ann' }], `${method} tells and touches one`)
  }
  t.equal(await whole(), before)
  const if404 = await clerk('PATCH', `/player/${eve.id}`, { name: 'x' }, { 'if-match': '"9-x"' })
  t.equal(if404.statusCode, 404, 'not 412')
  const counted = await clerk(
    'PATCH',
    '/player?goals=gte.0',
    { goals: 0 },
    { prefer: 'count=exact,max-affected=1' },
  )
  t.equal(counted.statusCode, 204, counted.body)
  t.match(counted.headers['content-range'], /\/1$/)
})

t.test('a file shows only through a record in sight', async (t) => {
  const { clerk, openLogo, hiddenLogo } = await start(t)
  t.equal((await clerk('GET', openLogo.url)).body, 'open')
  for (const url of [hiddenLogo.url, `/files/${hiddenLogo.id}`])
    t.equal((await clerk('GET', url)).statusCode, 404, url)
  t.equal((await clerk('GET', `/files/${openLogo.id}`)).statusCode, 200)
  const held = await clerk('POST', '/team', { name: 'x', logo: hiddenLogo.id })
  const none = await clerk('POST', '/team', { name: 'x', logo: '01980000-0000-7000-8000-000000000000' })
  t.strictSame(
    [held.statusCode, held.json().errors[0].keyword],
    [none.statusCode, none.json().errors[0].keyword],
  )
  t.equal((await clerk('POST', '/team', { name: 'x', logo: openLogo.id })).statusCode, 201)
})
