// S3 that is away, slow to the point of silence, or breaks in the middle: requests are refused cleanly and in time, no row
// is lost, and what nobody knows of is left to the sweep.

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { errors } from '../../../lib/errors.ts'
import { S3Storage } from '../../../lib/files/s3/s3-storage.ts'
import type { BlobKey } from '../../../lib/files/storage.ts'
import { as, startApp } from '../../support/app.ts'
import { multipart, send, upload } from '../../support/files/app.ts'
import { settingsFor, startWithS3 } from '../../support/files/s3/app.ts'
import type { Fate } from '../../support/files/s3/server.ts'
import { startServer } from '../../support/files/s3/start.ts'
import { createTestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'

const MIB = 2 ** 20

const LIMIT = 50 * MIB

const UNAVAILABLE = errors.unavailable()

t.test('while S3 is away files are 503 and lose nothing; everything else works', async (t) => {
  const { app, admin, s3 } = await startWithS3(t)
  const request = as(app, admin)
  await request('POST', '/schemas/', { entity_name: 'note', fields: [{ name: 'file', type: 'file' }] })
  const { id, url } = await upload(app, admin, { content: 'kept' })
  await s3.stop()
  const refused = [
    await send(app, admin, multipart({ filename: 'x', content: 'x' })),
    await send(app, admin, multipart({ filename: 'x', content: Buffer.alloc(6 * MIB) })),
    await request('GET', url),
    await request('GET', url, undefined, { range: 'bytes=1-2' }),
    await request('DELETE', `/files/${id}`),
  ]
  for (const answer of refused) {
    t.equal(answer.statusCode, 503, answer.body)
    t.match(answer.json(), { code: 'unavailable', status: 503 })
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    t.ok(answer.headers['retry-after'])
    for (const header of ['etag', 'content-range', 'content-disposition'])
      t.notOk(answer.headers[header], header)
  }
  t.equal((await request('POST', '/note/', { file: id })).statusCode, 201)
  t.equal((await request('GET', `/files/${id}`)).json().id, id)
  t.equal((await request('GET', '/files/')).json().length, 1)
  await s3.start()
  t.equal((await request('GET', url)).body, 'kept')
  const again = await upload(app, admin, { content: 'x' })
  t.equal((await request('DELETE', `/files/${again.id}`)).statusCode, 204)
})

t.test('an upload that S3 is killed under is 503, without a row', async (t) => {
  const { app, admin, s3 } = await startWithS3(t)
  s3.fate = ({ url = '' }) => {
    if (url.includes('partNumber=2')) s3.stop()
    return 'serve'
  }
  const answer = await send(app, admin, multipart({ filename: 'x', content: Buffer.alloc(12 * MIB) }))
  t.equal(answer.statusCode, 503)
  t.same((await as(app, admin)('GET', '/files/')).json(), [])
})

t.test('a download that S3 is killed under ends early and is no whole answer', async (t) => {
  const { app, admin, s3 } = await startWithS3(t)
  const { url } = await upload(app, admin, { content: Buffer.alloc(50 * MIB - 1000) })
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const answer = await fetch(base + url, { headers: { authorization: `Bearer ${admin}` } })
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  await s3.stop()
  const rest = async () => {
    while (!(await reader.read()).done);
  }
  await t.rejects(rest())
  t.equal((await as(app, admin)('GET', '/files/')).statusCode, 200)
})

t.test('a file that is deleted while S3 fails is deleted or not, and never half', async (t) => {
  const { app, admin, s3, bucket } = await startWithS3(t)
  const request = as(app, admin)
  const { id, url } = await upload(app, admin, { content: 'x' })
  // The row is gone, so the answer says so; the bytes are left to the sweep.
  s3.fate = ({ method }) => (method === 'DELETE' ? { code: 'AccessDenied' } : 'serve')
  t.equal((await request('DELETE', `/files/${id}`)).statusCode, 204)
  t.equal((await request('GET', url)).statusCode, 404)
  t.equal(bucket.objects.size, 2, 'the bytes and their note')
  s3.fate = () => 'serve'
  t.equal(await app.blobs.sweep(new Date(Date.now() + 1000), async () => false), 1)
  t.equal(bucket.objects.size, 0)
})

async function startStorage(t: Test, patience?: number) {
  const { server, bucket, settings } = await startServer(t)
  const limits = { largest: LIMIT, directory: join(t.testdir(), 'spool') }
  const storage = new S3Storage({ ...settings, ...(patience && { patience }) }, limits)
  t.teardown(() => storage.close())
  return { server, bucket, storage }
}

const newKey = (): BlobKey => ({ tenantId: randomUUID(), fileId: randomUUID() })

const bytes = (size: number) => Readable.from([Buffer.alloc(size, 'x')])

t.test('an S3 that does not answer is waited for only so long', async (t) => {
  const { server, storage } = await startStorage(t, 300)
  const key = newKey()
  await storage.put(key, bytes(10), LIMIT)
  server.fate = () => 'hang'
  await t.rejects(storage.put(newKey(), bytes(10), LIMIT), UNAVAILABLE)
  await t.rejects(storage.open(key), UNAVAILABLE)
  await t.rejects(storage.markPending(key), UNAVAILABLE)
  await t.rejects(storage.remove(key), UNAVAILABLE)
  await t.rejects(storage.removeTenant(key.tenantId), UNAVAILABLE)
  await t.rejects(
    storage.sweep(new Date(), async () => true),
    UNAVAILABLE,
  )
})

t.test('an S3 that does not answer stops the start in time', async (t) => {
  const { server, settings } = await startServer(t)
  server.fate = () => 'hang'
  const given = { FILE_STORAGE_PATH: t.testdir(), ...settingsFor(settings) }
  await t.rejects(startApp(t, await createTestDatabase(t), given), {
    name: 'StartError',
    message: /no answer within 8000 ms; correct S3_ENDPOINT/,
  })
})

t.test('an S3 that falls silent in the middle of a download is waited for only so long', async (t) => {
  const { server, storage } = await startStorage(t, 300)
  const key = newKey()
  await storage.put(key, bytes(1000), LIMIT)
  server.mute = true
  const stream = (await storage.open(key)) as Readable
  await t.rejects(text(stream), UNAVAILABLE)
})

t.test('what S3 fails at once is tried again', async (t) => {
  const { server, storage } = await startStorage(t)
  for (const fate of ['cut', { code: 'SlowDown' }, { code: 'InternalError' }] as Fate[]) {
    const failed = new Set<string>()
    server.fate = ({ method, url = '' }) => {
      const request = `${method} ${url}`
      if (failed.has(request)) return 'serve'
      failed.add(request)
      return fate
    }
    const key = newKey()
    const { size } = await storage.put(key, bytes(11 * MIB), LIMIT)
    t.equal(size, 11 * MIB)
    t.equal((await text((await storage.open(key)) as Readable)).length, size)
  }
})

const breaks: { what: string; size: number; fails: (method: string, url: string) => boolean; fate: Fate }[] =
  [
    { what: 'the only request', size: 10, fails: isBlob('PUT'), fate: { code: 'AccessDenied' } },
    { what: 'the answer to the only request', size: 10, fails: isBlob('PUT'), fate: 'serve and cut' },
    { what: 'beginning a file of parts', size: 6 * MIB, fails: isBlob('POST', '?uploads'), fate: 'cut' },
    { what: 'a part', size: 11 * MIB, fails: isBlob('PUT', 'partNumber=2'), fate: { code: 'AccessDenied' } },
    { what: 'the last part', size: 11 * MIB, fails: isBlob('PUT', 'partNumber=3'), fate: 'cut' },
    {
      what: 'completing the parts',
      size: 6 * MIB,
      fails: isBlob('POST', '?uploadId'),
      fate: { code: 'InternalError' },
    },
    {
      what: 'the answer to completing them',
      size: 6 * MIB,
      fails: isBlob('POST', '?uploadId'),
      fate: 'serve and cut',
    },
    { what: 'everything after the first part', size: 11 * MIB, fails: isAfterFirstPart(), fate: 'cut' },
  ]

function isBlob(method: string, query = '') {
  return (m: string, url: string) => m === method && !url.includes('/pending/') && url.includes(query)
}

function isAfterFirstPart() {
  let isOver = false
  return (_method: string, url: string) => {
    isOver ||= url.includes('partNumber=2')
    return isOver
  }
}

for (const { what, size, fails, fate } of breaks) {
  t.test(`when S3 fails at ${what}, nothing is acknowledged, and the sweep finds what is left`, async (t) => {
    const { server, bucket, storage } = await startStorage(t)
    const key = newKey()
    server.fate = ({ method = '', url = '' }) => (fails(method, url) ? fate : 'serve')
    await t.rejects(storage.put(key, bytes(size), LIMIT), UNAVAILABLE)
    server.fate = () => 'serve'
    t.ok(bucket.objects.has(`pending/${key.tenantId}.${key.fileId}`), 'the note is there')
    t.equal(await storage.sweep(new Date(Date.now() + 1000), async () => false), 1)
    t.equal(bucket.objects.size + bucket.uploads.size, 0)
  })
}

t.test('more uploads at once than there is room for are refused, and leave room for others', async (t) => {
  const { bucket, storage } = await startStorage(t)
  const tenantId = randomUUID()
  const slow = Array.from({ length: 101 }, () => new Readable({ read() {} }))
  const puts = slow.map((source) => storage.put({ tenantId, fileId: randomUUID() }, source, LIMIT))
  const outcomes = Promise.allSettled(puts)
  await t.rejects(Promise.any([puts[100]]))
  await storage.put(newKey(), bytes(10), LIMIT)
  for (const source of slow) source.push('x')
  for (const source of slow) source.push(null)
  const refused = (await outcomes).filter(({ status }) => status === 'rejected')
  t.equal(refused.length, 1)
  t.match(refused[0], { reason: UNAVAILABLE })
  t.equal(bucket.objects.size, 202)
})

t.test('many large uploads at once are all stored', async (t) => {
  const { bucket, storage } = await startStorage(t)
  await Promise.all(Array.from({ length: 12 }, () => storage.put(newKey(), bytes(6 * MIB), LIMIT)))
  t.equal(bucket.objects.size, 24)
  t.ok(await until(() => bucket.uploads.size === 0))
})
