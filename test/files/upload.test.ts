// POST /files/upload: what is stored, what is refused, and that nothing is left behind by what is refused.

import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import type { TenantScope } from '../../lib/db/scope.ts'
import { addUser, as } from '../support/app.ts'
import { BOUNDARY, filesIn, MULTIPART, multipart, send, startFiles } from '../support/files/app.ts'

const LIMIT = 100_000

t.test('uploading', async (t) => {
  const { app, storage, admin } = await startFiles(t, { UPLOAD_LIMIT: LIMIT })

  t.test('a file is stored, measured and described', async (t) => {
    const content = randomBytes(50_000)
    const answer = await send(app, admin, multipart({ filename: 'noise.bin', content }))
    t.equal(answer.statusCode, 201)
    const file = answer.json()
    t.strictSame(Object.keys(file), ['id', 'url', 'filename', 'content_type', 'size', 'sha256', 'created_at'])
    t.match(file, { filename: 'noise.bin', content_type: 'application/octet-stream', size: 50_000 })
    t.equal(file.sha256, createHash('sha256').update(content).digest('hex'))
    t.equal(file.url, `/files/${file.id}/content`)
    t.match(file.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    t.equal(answer.headers.location, `/files/${file.id}`)
    t.same(await filesIn(storage), [file.id], 'one blob, no note, no temporary file')
    const got = await app.inject({ url: file.url, headers: { authorization: `Bearer ${admin}` } })
    t.ok(got.rawPayload.equals(content))
    const again = await app.inject({
      url: `/files/${file.id}/`,
      headers: { authorization: `Bearer ${admin}` },
    })
    t.same(again.json(), file)
  })

  t.test('the browser’s own FormData works, other fields are ignored', async (t) => {
    const form = new FormData()
    form.set('note', 'hello')
    form.set('file', new Blob(['a,b\n1,2\n'], { type: 'text/csv' }), 'Ünïcode 東京.csv')
    form.set('after', 'x')
    const { body, headers } = new Request('http://x', { method: 'POST', body: form })
    const payload = Buffer.from(await new Response(body).arrayBuffer())
    const answer = await send(app, admin, payload, { 'content-type': headers.get('content-type') })
    t.equal(answer.statusCode, 201)
    t.match(answer.json(), { filename: 'Ünïcode 東京.csv', content_type: 'text/csv', size: 8 })
  })

  t.test('exactly the limit and the empty file are files', async (t) => {
    const full = await send(app, admin, multipart({ filename: 'f', content: Buffer.alloc(LIMIT) }))
    t.match(full.json(), { size: LIMIT })
    const empty = await send(app, admin, multipart({ filename: 'empty.txt', content: '' }))
    t.match(empty.json(), { size: 0, content_type: 'text/plain' })
  })

  const names: [claimed: string, kept: string][] = [
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/etc/shadow', 'shadow'],
    ['..', 'file'],
    ['a\0b.txt', 'ab.txt'],
    ['con\u202etxt.exe', 'contxt.exe'],
    ['<script>.html', '<script>.html'],
    ['%2e%2e%2fpasswd', '%2e%2e%2fpasswd'],
    ['constructor', 'constructor'],
    [`${'x'.repeat(3000)}.pdf`, `${'x'.repeat(251)}.pdf`],
    ['y'.repeat(200_000), 'y'.repeat(255)],
  ]
  for (const [claimed, kept] of names) {
    t.test(
      `a file called ${JSON.stringify(claimed.slice(0, 40))} is known as ${kept.slice(0, 40)}`,
      async (t) => {
        const answer = await send(app, admin, multipart({ filename: claimed, content: 'x' }))
        t.equal(answer.statusCode, 201, answer.body)
        t.equal(answer.json().filename, kept)
      },
    )
  }

  t.test('the disk holds nothing but ids', async (t) => {
    for (const name of await filesIn(storage)) t.match(name, /^[0-9a-f-]{36}$/)
  })

  const x = { filename: 'x', content: 'x' }
  const cut = multipart(x).subarray(0, -20)
  const refusals: { what: string; payload: Buffer; headers?: object; status: number; code: string }[] = [
    { what: 'no file', payload: multipart(), status: 400, code: 'one_file_expected' },
    {
      what: 'only a text field',
      payload: multipart({ content: 'x' }),
      status: 400,
      code: 'one_file_expected',
    },
    { what: 'two files', payload: multipart(x, x), status: 400, code: 'one_file_expected' },
    {
      what: 'a second file elsewhere',
      payload: multipart(x, { ...x, name: 'b' }),
      status: 400,
      code: 'one_file_expected',
    },
    {
      what: 'the file elsewhere',
      payload: multipart({ ...x, name: 'upload' }),
      status: 400,
      code: 'one_file_expected',
    },
    {
      what: 'an input left empty',
      payload: multipart({ filename: '', content: '' }),
      status: 400,
      code: 'one_file_expected',
    },
    {
      what: 'a file part called __proto__',
      payload: multipart({ ...x, name: '__proto__' }),
      status: 400,
      code: 'malformed_body',
    },
    {
      what: 'one byte too much',
      payload: multipart({ ...x, content: Buffer.alloc(LIMIT + 1) }),
      status: 413,
      code: 'file_too_large',
    },
    {
      what: 'far too much',
      payload: multipart({ ...x, content: Buffer.alloc(LIMIT * 20) }),
      status: 413,
      code: 'file_too_large',
    },
    { what: 'a body without its end', payload: cut, status: 400, code: 'malformed_body' },
    {
      what: 'a body that ends in the file',
      payload: multipart({ ...x, content: Buffer.alloc(5000) }).subarray(0, 3000),
      status: 400,
      code: 'malformed_body',
    },
    { what: 'no multipart at all', payload: Buffer.from('hello'), status: 400, code: 'malformed_body' },
    {
      what: 'no boundary',
      payload: multipart(x),
      headers: { 'content-type': 'multipart/form-data' },
      status: 400,
      code: 'malformed_body',
    },
    {
      what: 'too many fields',
      payload: multipart(...Array.from({ length: 50 }, () => ({ content: 'x' })), x),
      status: 400,
      code: 'malformed_body',
    },
    {
      what: 'JSON',
      payload: Buffer.from('{}'),
      headers: { 'content-type': 'application/json' },
      status: 415,
      code: 'unsupported_media_type',
    },
    {
      what: 'broken JSON',
      payload: Buffer.from('{'),
      headers: { 'content-type': 'application/json' },
      status: 415,
      code: 'unsupported_media_type',
    },
    {
      what: 'a form',
      payload: Buffer.from('file=x'),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      status: 415,
      code: 'unsupported_media_type',
    },
    {
      what: 'bare bytes',
      payload: Buffer.from('x'),
      headers: { 'content-type': 'application/pdf' },
      status: 415,
      code: 'unsupported_media_type',
    },
    { what: 'no body', payload: Buffer.alloc(0), headers: {}, status: 400, code: 'one_file_expected' },
  ]
  for (const { what, payload, headers = MULTIPART, status, code } of refusals) {
    t.test(`${what} is refused with ${status} and leaves nothing`, async (t) => {
      const before = await filesIn(storage)
      const answer = await send(app, admin, payload, headers)
      t.equal(answer.statusCode, status, answer.body)
      t.match(answer.json(), { code, status })
      t.same(await filesIn(storage), before)
    })
  }

  t.test('who is not signed in is refused, whatever he sends', async (t) => {
    const before = await filesIn(storage)
    const answer = await send(app, 'nonsense', multipart(x))
    t.equal(answer.statusCode, 401)
    t.same(await filesIn(storage), before)
  })

  t.test('a row that cannot be written leaves no bytes', async (t) => {
    const before = await filesIn(storage)
    await app.pg.query('reset role; alter table record add constraint none check (entity_id <> 0) not valid')
    const answer = await send(app, admin, multipart(x))
    await app.pg.query('reset role; alter table record drop constraint none')
    t.equal(answer.statusCode, 500)
    t.same(await filesIn(storage), before)
  })

  t.test('a boundary in the content does not end the file', async (t) => {
    const content = `\r\n--${BOUNDARY.slice(0, -1)}\r\n--${BOUNDARY}`.slice(0, -1)
    const answer = await send(app, admin, multipart({ filename: 'x', content }))
    t.equal(answer.json().size, Buffer.byteLength(content))
  })
})

t.test('what changes while the bytes come in decides about the file', async (t) => {
  const { app, storage, admin } = await startFiles(t)
  const put = app.blobs.put.bind(app.blobs)
  /** Does something after the bytes are stored, before the row is written. */
  const meanwhile = (work: () => Promise<unknown>) => {
    app.blobs.put = async (...args) => {
      const stored = await put(...args)
      await work()
      return stored
    }
  }
  const payload = multipart({ filename: 'x', content: 'x' })

  t.test('new metadata only repeats the writing of the row', async (t) => {
    meanwhile(async () =>
      app.db.transaction(
        (await app.directory.tenantByName('default')) as TenantScope,
        'metadata',
        async () => {},
      ),
    )
    const answer = await send(app, admin, payload)
    t.equal(answer.statusCode, 201)
    t.same(await filesIn(storage), [answer.json().id])
  })

  t.test('an uploader who is shut out leaves no bytes', async (t) => {
    const before = await filesIn(storage)
    const { id, tokens } = await addUser(app, 'mallory', 'user')
    meanwhile(() => as(app, admin)('PATCH', `/auth/users/${id}`, { active: false }))
    const answer = await send(app, tokens.access_token, payload)
    t.equal(answer.statusCode, 401)
    t.same(await filesIn(storage), before)
  })
})
