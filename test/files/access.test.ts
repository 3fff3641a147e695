// Who may list, see, read and delete a file: uploader, admin, a user who meets it in a record, one who does not, and
// another tenant.

import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { insertAccount } from '../../lib/auth/account-store.ts'
import { hashPassword } from '../../lib/auth/password.ts'
import { addUser, as, signIn } from '../support/app.ts'
import { type FileJson, filesIn, startFiles, upload } from '../support/files/app.ts'

const student = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'papers', type: 'file', many: true },
  ],
}

/** A tenant beside the default one, with an admin; his token. */
async function addTenant(app: FastifyInstance, name: string): Promise<string> {
  const [tenantId, accountId] = [randomUUID(), randomUUID()]
  const passwordHash = await hashPassword('correct-horse')
  await app.directory.create(tenantId, name, (tx) =>
    insertAccount(tx, tenantId, { id: accountId, username: 'root', role: 'admin', passwordHash }),
  )
  return (await signIn(app, `${name}/root`, 'correct-horse')).access_token
}

/** The refusal without what differs from request to request. */
function refusal(answer: { body: string; statusCode: number }) {
  return { status: answer.statusCode, body: answer.body.replace(/"request_id":"[^"]*"/, '') }
}

t.test('access to files', async (t) => {
  const { app, storage, admin } = await startFiles(t)
  const alice = (await addUser(app, 'alice', 'user')).tokens.access_token
  const bob = (await addUser(app, 'bob', 'user')).tokens.access_token
  const stranger = await addTenant(app, 'acme')
  const tokens = { admin, alice, bob, stranger }
  type Who = keyof typeof tokens
  const ask = (
    who: Who,
    method: 'GET' | 'HEAD' | 'DELETE' | 'POST' | 'PATCH',
    url: string,
    payload?: object,
  ) => as(app, tokens[who])(method, url, payload)
  const missing = refusal(await ask('admin', 'GET', `/files/${randomUUID()}`))
  t.equal((await ask('admin', 'POST', '/schemas', student)).statusCode, 201)

  t.test('a file that no record holds', async (t) => {
    const file = await upload(app, alice, { content: 'private' })
    const expected: Record<Who, number> = { admin: 200, alice: 200, bob: 404, stranger: 404 }
    for (const [who, status] of Object.entries(expected) as [Who, number][]) {
      for (const url of [`/files/${file.id}`, `/files/${file.id.toUpperCase()}`, file.url, `${file.url}/`]) {
        const answer = await ask(who, 'GET', url)
        t.equal(answer.statusCode, status, `${who} ${url}`)
        if (status === 404) t.same(refusal(answer), missing, 'as if it were missing')
        t.equal((await ask(who, 'HEAD', url)).statusCode, status)
      }
    }
    for (const who of ['bob', 'stranger'] as const) {
      const answer = await ask(who, 'DELETE', `/files/${file.id}`)
      t.same(refusal(answer), missing)
    }
    t.equal((await ask('alice', 'DELETE', `/files/${file.id}`)).statusCode, 204)
    t.same(refusal(await ask('alice', 'GET', `/files/${file.id}`)), missing)
    t.same(refusal(await ask('alice', 'GET', file.url)), missing)
    t.same(refusal(await ask('alice', 'DELETE', `/files/${file.id}`)), missing)
    t.notOk((await filesIn(storage)).includes(file.id))
  })

  t.test('a file that a record holds is read by who reads the record, deleted by nobody', async (t) => {
    const file = await upload(app, alice, { content: 'shared' })
    const made = await ask('alice', 'POST', '/student', { name: 'A', papers: [file.id] })
    t.equal(made.statusCode, 201, made.body)
    for (const who of ['admin', 'alice', 'bob'] as const) {
      t.same((await ask(who, 'GET', `/files/${file.id}`)).json(), file)
      t.equal((await ask(who, 'GET', file.url)).body, 'shared')
    }
    t.same(refusal(await ask('stranger', 'GET', file.url)), missing)
    t.equal((await ask('bob', 'DELETE', `/files/${file.id}`)).statusCode, 403)
    for (const who of ['admin', 'alice'] as const) {
      const answer = await ask(who, 'DELETE', `/files/${file.id}`)
      t.equal(answer.statusCode, 409)
      t.match(answer.json(), { code: 'reference_conflict', errors: [{ keyword: 'reference' }] })
    }
    t.same(
      (await filesIn(storage)).filter((name) => name.includes(file.id)),
      [file.id],
      'whole, no note left',
    )
    await ask('alice', 'PATCH', `/student/${made.json().id}`, { papers: null })
    t.same(refusal(await ask('bob', 'GET', file.url)), missing, 'out of the record, out of sight')
    t.equal((await ask('admin', 'DELETE', `/files/${file.id}`)).statusCode, 204)
  })

  t.test('a dropped field neither shows a file nor keeps it', async (t) => {
    const file = await upload(app, alice, { content: 'x' })
    await ask('admin', 'POST', '/schemas', {
      entity_name: 'album',
      fields: [
        { name: 'title', type: 'string' },
        { name: 'photo', type: 'file' },
      ],
    })
    const made = await ask('alice', 'POST', '/album', { title: 'A', photo: file.id })
    t.equal(made.statusCode, 201, made.body)
    t.equal((await ask('bob', 'GET', file.url)).statusCode, 200)
    const refused = await ask('alice', 'DELETE', `/files/${file.id}`)
    t.equal(refused.statusCode, 409)
    t.match(refused.json().detail, /^this cannot be deleted while/)
    const without = { entity_name: 'album', fields: [{ name: 'title', type: 'string' }] }
    const put = await as(app, admin)('PUT', '/schemas/album', without)
    t.equal(put.statusCode, 200, put.body)
    t.same(refusal(await ask('bob', 'GET', file.url)), missing)
    t.equal((await ask('alice', 'DELETE', `/files/${file.id}`)).statusCode, 204)
    t.equal((await ask('alice', 'GET', `/album/${made.json().id}`)).statusCode, 200)
  })

  t.test('what is no id is no file', async (t) => {
    for (const id of [
      'x',
      '1',
      '..%2f..%2fetc%2fpasswd',
      '%00',
      'constructor',
      '0'.repeat(150),
      `${randomUUID()}x`,
    ]) {
      for (const [method, url] of [
        ['GET', `/files/${id}`],
        ['GET', `/files/${id}/content`],
        ['DELETE', `/files/${id}`],
      ] as const)
        t.same(refusal(await ask('admin', method, url)), missing, `${method} ${url}`)
    }
  })

  t.test('what is not possible here says what is', async (t) => {
    const answer = await as(app, admin)('PUT', `/files/${randomUUID()}`, {})
    t.equal(answer.statusCode, 405)
    t.match(answer.headers.allow, /GET.*DELETE|DELETE.*GET/)
    for (const url of ['/files', `/files/${randomUUID()}`, `/files/${randomUUID()}/content`])
      t.equal((await app.inject({ url })).statusCode, 401)
  })
})

t.test('a list', async (t) => {
  const { app, admin } = await startFiles(t, { DEFAULT_LIMIT: 4, MAX_LIMIT: 6 })
  const alice = (await addUser(app, 'alice', 'user')).tokens.access_token
  const stranger = await addTenant(app, 'acme')
  const files: FileJson[] = []
  for (let i = 0; i < 8; i++)
    files.push(await upload(app, i % 2 ? alice : admin, { filename: `${i}.txt`, content: `${i}` }))
  const list = (token: string, search = '') => as(app, token)('GET', `/files/${search}`)
  const names = (answer: { json(): FileJson[] }) =>
    answer
      .json()
      .map(({ filename }) => filename[0])
      .join('')

  const scenarios: { token: string; search: string; names: string; range: string; more: boolean }[] = [
    { token: admin, search: '', names: '0123', range: '0-3/*', more: true },
    { token: admin, search: '?limit=100', names: '012345', range: '0-5/*', more: true },
    { token: admin, search: '?limit=6&offset=2', names: '234567', range: '2-7/*', more: false },
    { token: admin, search: '?offset=7', names: '7', range: '7-7/*', more: false },
    { token: admin, search: '?offset=9007199254740991', names: '', range: '*/*', more: false },
    { token: admin, search: '?limit=0', names: '', range: '*/*', more: false },
    { token: alice, search: '?limit=6', names: '1357', range: '0-3/*', more: false },
    { token: alice, search: '?limit=3', names: '135', range: '0-2/*', more: true },
    { token: stranger, search: '', names: '', range: '*/*', more: false },
  ]
  for (const { token, search, names: expected, range, more } of scenarios) {
    t.test(`of "${search}" holds "${expected}"`, async (t) => {
      const answer = await list(token, search)
      t.equal(answer.statusCode, 200)
      t.equal(names(answer), expected)
      t.equal(answer.headers['content-range'], range)
      t.equal(answer.headers.link !== undefined, more)
    })
  }

  t.test('goes on at its Link until the end', async (t) => {
    let url: string | undefined = '/files/?limit=3'
    let seen = ''
    while (url !== undefined) {
      const answer = await as(app, admin)('GET', url)
      seen += names(answer)
      url = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link))?.[1]
    }
    t.equal(seen, '01234567')
  })

  t.test('shows what the upload answered', async (t) => {
    t.same((await list(admin, '?limit=2')).json(), files.slice(0, 2))
  })

  for (const search of [
    '?limit=-1',
    '?limit=x',
    '?limit=1.5',
    '?limit=',
    '?offset=-1',
    '?offset=1e30',
    '?offset=99999999999999999999',
    '?limit=1&limit=2',
    '?cursor=x',
    '?owner=eq.x',
    '?created_by=not.is.null',
    '?order=updated_at',
    '?select=created_by',
    '?select=x(id)',
    '?size=gt.x',
    '?size=gt.true',
    '?size=like.1*',
    '?in_use=is.null',
    '?in_use=eq.maybe',
    '?filename->a=eq.x',
    '?url=eq.x',
    '?url.order=id',
    `?cursor=${randomUUID()}&offset=1`,
    '?__proto__=1',
  ]) {
    t.test(`of ${search} is refused`, async (t) => {
      const answer = await list(admin, search)
      t.equal(answer.statusCode, 400, answer.body)
    })
  }
})

t.test('a file is deleted or linked, never both', async (t) => {
  const { app, storage, admin } = await startFiles(t)
  await as(app, admin)('POST', '/schemas', student)
  for (let round = 0; round < 15; round++) {
    const file = await upload(app, admin, { content: 'x' })
    const link = () => as(app, admin)('POST', '/student', { name: 'x', papers: [file.id] })
    const [removed, ...linked] = await Promise.all([
      as(app, admin)('DELETE', `/files/${file.id}`),
      link(),
      link(),
    ])
    const statuses = linked.map(({ statusCode }) => statusCode)
    for (const status of statuses) t.ok([201, 400, 409].includes(status), `${status}`)
    const content = await as(app, admin)('GET', file.url)
    if (removed.statusCode === 204) {
      t.notOk(statuses.includes(201))
      t.equal(content.statusCode, 404)
    } else {
      t.equal(removed.statusCode, 409)
      t.ok(statuses.includes(201))
      t.equal(content.body, 'x')
    }
    t.equal((await filesIn(storage)).includes(file.id), removed.statusCode === 409)
  }
})
