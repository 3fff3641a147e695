// Uploads, downloads and deletions with files in S3: the same answers as with files on the disk, and nothing left behind.

import { randomBytes } from 'node:crypto'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { ADMIN, as, asAdmin, signIn, startApp } from '../../support/app.ts'
import { BOUNDARY, filesIn, multipart, send, upload } from '../../support/files/app.ts'
import { settingsFor, startWithS3 } from '../../support/files/s3/app.ts'
import { until, untilSteady } from '../../support/until.ts'

const MIB = 2 ** 20

const NAME = /^[0-9a-f-]{36}\/[0-9a-f-]{36}$/

async function listen(t: Test, app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.server.closeAllConnections())
  return (app.server.address() as AddressInfo).port
}

t.test('a file is uploaded, read whole and in ranges, and deleted', async (t) => {
  const { app, admin, bucket, storage } = await startWithS3(t)
  const request = as(app, admin)
  const content = randomBytes(7 * MIB)
  const answer = await send(app, admin, multipart({ filename: '../a "name".bin', content }))
  t.equal(answer.statusCode, 201)
  const { id, url } = answer.json()
  const names = [...bucket.objects.keys()]
  t.equal(names.length, 1, 'no note is left')
  t.match(names[0], NAME)
  t.equal(names[0]?.split('/')[1], id)
  t.same(await filesIn(storage), [], 'nothing is on the disk')
  t.equal(bucket.uploads.size, 0)
  const whole = await request('GET', url)
  t.equal(whole.headers['content-length'], String(content.length))
  t.ok(whole.rawPayload.equals(content))
  const range = await request('GET', url, undefined, { range: 'bytes=5242878-5242882' })
  t.equal(range.statusCode, 206)
  t.equal(range.headers['content-range'], `bytes 5242878-5242882/${content.length}`)
  t.ok(range.rawPayload.equals(content.subarray(5_242_878, 5_242_883)))
  t.equal((await request('HEAD', url)).statusCode, 200)
  const beyond = await request('GET', url, undefined, { range: `bytes=${content.length}-` })
  t.equal(beyond.statusCode, 416)
  t.equal((await request('DELETE', `/files/${id}`)).statusCode, 204)
  t.equal(bucket.objects.size, 0)
  t.equal((await request('GET', url)).statusCode, 404)
})

t.test(
  'the empty file and exactly the limit are files, one byte more is refused and leaves nothing',
  async (t) => {
    const { app, admin, bucket } = await startWithS3(t, { UPLOAD_LIMIT: 6 * MIB })
    const empty = await upload(app, admin, { content: '' })
    t.equal((await as(app, admin)('GET', empty.url)).body, '')
    await upload(app, admin, { content: Buffer.alloc(6 * MIB) })
    const before = [...bucket.objects.keys()]
    const answer = await send(app, admin, multipart({ filename: 'x', content: Buffer.alloc(6 * MIB + 1) }))
    t.equal(answer.statusCode, 413)
    const two = await send(
      app,
      admin,
      multipart({ filename: 'a', content: 'x' }, { filename: 'b', content: 'x' }),
    )
    t.equal(two.statusCode, 400)
    t.same([...bucket.objects.keys()], before)
    t.equal(bucket.uploads.size, 0)
  },
)

t.test('a file whose bytes are gone is not found', async (t) => {
  const { app, admin, bucket } = await startWithS3(t)
  const { url } = await upload(app, admin, { content: 'x' })
  bucket.objects.clear()
  t.equal((await as(app, admin)('GET', url)).statusCode, 404)
})

t.test('an upload that breaks off leaves nothing, however far it came', async (t) => {
  const { app, admin, bucket } = await startWithS3(t)
  const port = await listen(t, app)
  for (const size of [100_000, 11 * MIB]) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      `POST /files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${admin}\r\n` +
        `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${20 * MIB}\r\n\r\n`,
    )
    socket.write(multipart({ filename: 'big', content: Buffer.alloc(size) }).subarray(0, size))
    t.ok(await until(() => bucket.objects.size === 1), 'a note says that something comes')
    if (size > 10 * MIB) t.ok(await until(() => bucket.uploads.size === 1), 'parts are there')
    socket.destroy()
    t.ok(await until(() => bucket.objects.size + bucket.uploads.size === 0))
  }
})

t.test(
  'what a slow client does not read is not fetched, and his leaving closes the connection to S3',
  async (t) => {
    const { app, admin, s3, bucket } = await startWithS3(t)
    const { url, id } = await upload(app, admin, { filename: 'big', content: Buffer.alloc(50 * MIB - 1000) })
    const port = await listen(t, app)
    t.ok(await until(() => s3.busy === 0))
    const before = s3.sent()
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, {
      headers: { authorization: `Bearer ${admin}` },
    })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const sent = (await untilSteady(() => s3.sent())) - before
    t.ok(sent < 25 * MIB, `${sent} bytes of 50 MiB were sent`)
    t.equal(s3.busy, 1)
    await reader.cancel()
    t.ok(await until(() => s3.busy === 0))
    t.ok([...bucket.objects.keys()].some((name) => name.endsWith(id)))
  },
)

t.test('a tenant that is deleted leaves nothing in the bucket, the others everything', async (t) => {
  const { app, admin, bucket } = await startWithS3(t)
  const operator = await asAdmin(app)
  const made = await operator('POST', '/tenants', {
    name: 'acme',
    admin: { username: 'boss', password: 'a password' },
  })
  const { id } = made.json()
  const boss = await signIn(app, 'acme/boss', 'a password')
  for (let n = 0; n < 8; n++) await upload(app, boss.access_token, { content: String(n) })
  const kept = await upload(app, admin, { content: 'kept' })
  t.equal([...bucket.objects.keys()].filter((name) => name.startsWith(id)).length, 8)
  t.equal((await operator('DELETE', '/tenants/acme')).statusCode, 204)
  await app.tenantPurge.run()
  t.equal(bucket.objects.size, 1)
  t.equal((await operator('GET', kept.url)).body, 'kept')
})

t.test('a start removes what a crash has left, and keeps what has a row or is under way', async (t) => {
  const { app, admin, bucket, database, storage, s3Settings } = await startWithS3(t)
  const tenant = (await app.directory.tenantByName('default'))?.id ?? ''
  const [kept, orphan, recent] = [
    await upload(app, admin, { content: 'kept' }),
    await upload(app, admin, { content: 'orphan' }),
    await upload(app, admin, { content: 'recent' }),
  ]
  await app.pg.query(`begin; select set_config('app.tenant_id', '${tenant}', true);
    delete from record where id in ('${orphan.id}', '${recent.id}'); commit`)
  for (const { id } of [kept, orphan, recent]) bucket.put(`pending/${tenant}.${id}`, Buffer.alloc(0))
  for (const { id } of [kept, orphan])
    Object.assign(bucket.get(`pending/${tenant}.${id}`), { modified: new Date(Date.now() - 25 * 3_600_000) })
  bucket.put('pending/stranger', Buffer.alloc(0))
  Object.assign(bucket.get('pending/stranger'), { modified: new Date(0) })
  const expected = [`${tenant}/${kept.id}`, `${tenant}/${recent.id}`, `pending/${tenant}.${recent.id}`]
  const fresh = await startApp(t, database, { FILE_STORAGE_PATH: storage, ...settingsFor(s3Settings) })
  t.ok(await until(() => bucket.objects.size === 4), String([...bucket.objects.keys()]))
  t.same([...bucket.objects.keys()].sort(), [...expected, 'pending/stranger'].sort())
  const token = (await signIn(fresh, ADMIN.username, ADMIN.password)).access_token
  t.equal((await as(fresh, token)('GET', kept.url)).body, 'kept')
})

t.test('instances share a bucket', async (t) => {
  const { app, admin, database, s3Settings } = await startWithS3(t)
  const there = await startApp(t, database, { FILE_STORAGE_PATH: t.testdir(), ...settingsFor(s3Settings) })
  const { url } = await upload(app, admin, { content: 'shared' })
  t.equal((await as(there, admin)('GET', url)).body, 'shared')
})
