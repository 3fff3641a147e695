// Uploads and downloads over a real connection: broken off, too large, slow; and what a start finds after a crash.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { ReadStream } from 'node:fs'
import { stat, utimes, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { ADMIN, signIn, startApp } from '../support/app.ts'
import { BOUNDARY, filesIn, multipart, startFiles, upload } from '../support/files/app.ts'
import { until, untilSteady } from '../support/until.ts'

const MIB = 1024 * 1024

async function startLive(t: Test, settings = {}) {
  const files = await startFiles(t, settings)
  await files.app.listen({ host: '127.0.0.1', port: 0 })
  // A client that is still sending what has been refused would keep the server from closing.
  t.teardown(() => files.app.server.closeAllConnections())
  const { port } = files.app.server.address() as AddressInfo
  return { ...files, port, base: `http://127.0.0.1:${port}` }
}

/** A connection that has sent the head of an upload and the first bytes of its file. */
async function beginUpload(port: number, token: string, announced: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  const start = multipart({ filename: 'big', content: Buffer.alloc(200_000) }).subarray(0, 150_000)
  socket.write(
    `POST /files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${announced}\r\n\r\n`,
  )
  socket.write(start)
  return socket
}

t.test('an upload that breaks off leaves nothing behind', async (t) => {
  const { storage, admin, port } = await startLive(t)
  const sockets = await Promise.all(Array.from({ length: 5 }, () => beginUpload(port, admin, 400_000)))
  t.ok(await until(async () => (await filesIn(storage)).length === 10), 'five notes, five parts')
  sockets[0]?.destroy()
  sockets[1]?.resetAndDestroy()
  for (const socket of sockets.slice(2)) socket.end()
  t.ok(await until(async () => (await filesIn(storage)).length === 0), String(await filesIn(storage)))
})

t.test(
  'a file over the limit is refused to clients that read late and to those that read early',
  async (t) => {
    const { storage, admin, port, base } = await startLive(t, { UPLOAD_LIMIT: MIB })
    const body = multipart({ filename: 'big', content: Buffer.alloc(8 * MIB) })
    const headers = {
      authorization: `Bearer ${admin}`,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    }
    const early = await fetch(`${base}/files/upload`, { method: 'POST', headers, body })
    t.equal(early.status, 413)
    t.match(await early.json(), { code: 'file_too_large' })

    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.pause()
    const head = Object.entries({ ...headers, host: 'x', 'content-length': body.length })
    socket.write(`POST /files/upload HTTP/1.1\r\n${head.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`)
    await new Promise((sent) => socket.write(body, sent))
    t.pass('all of it was taken')
    socket.resume()
    const [answer] = (await once(socket, 'data')) as [Buffer]
    t.match(answer.toString(), /^HTTP\/1\.1 413 /)
    socket.destroy()
    t.same(await filesIn(storage), [])
  },
)

t.test('the default limit is 50 MiB, and what is not read is not fetched', async (t) => {
  const { app, storage, admin, base } = await startLive(t)
  const headers = { authorization: `Bearer ${admin}` }
  const form = (size: number) => {
    const body = new FormData()
    body.set('file', new Blob([Buffer.alloc(size, 'x')]), 'big.txt')
    return { method: 'POST', headers, body }
  }
  const fits = await fetch(`${base}/files/upload`, form(50 * MIB))
  t.equal(fits.status, 201)
  const file = (await fits.json()) as { url: string; size: number }
  t.equal(file.size, 50 * MIB)
  t.equal((await fetch(`${base}/files/upload`, form(50 * MIB + 1))).status, 413)
  t.equal((await filesIn(storage)).length, 1)

  const open = app.blobs.open.bind(app.blobs)
  let fetched = () => 0
  app.blobs.open = async (...args) => {
    const stream = (await open(...args)) as ReadStream
    fetched = () => stream.bytesRead
    return stream
  }
  const slow = await fetch(base + file.url, { headers })
  const reader = (slow.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  const bytes = await untilSteady(() => fetched())
  t.ok(bytes > 0 && bytes < 25 * MIB, `${bytes} bytes were fetched`)
  await reader.cancel()
})

t.test('a download that breaks off lets go of the file', async (t) => {
  const { app, admin, base } = await startLive(t)
  const file = await upload(app, admin, { filename: 'big', content: Buffer.alloc(5 * MIB) })
  const open = app.blobs.open.bind(app.blobs)
  let closed: Promise<unknown> | undefined
  app.blobs.open = async (...args) => {
    const stream = await open(...args)
    if (stream !== null) closed = once(stream, 'close')
    return stream
  }
  const abort = new AbortController()
  const answer = await fetch(base + file.url, {
    headers: { authorization: `Bearer ${admin}` },
    signal: abort.signal,
  })
  t.equal(answer.status, 200)
  abort.abort()
  await closed
  t.pass('closed')
})

/** Makes a note look as if it had been forgotten. */
async function age(storage: string, name: string): Promise<void> {
  const path = join(storage, '.pending', name)
  await writeFile(path, '', { flag: 'a' })
  await utimes(path, 1000, 1000)
}

t.test('a start removes what a crash has left, and keeps what has a row', async (t) => {
  const { app, database, storage, admin } = await startFiles(t)
  const tenant = (await app.directory.tenantByName('default'))?.id ?? ''
  const [kept, orphan] = [
    await upload(app, admin, { content: 'kept' }),
    await upload(app, admin, { content: 'x' }),
  ]
  await app.pg.query(`begin; select set_config('app.tenant_id', '${tenant}', true);
    delete from record where id = '${orphan.id}'; commit`)
  const half = randomUUID()
  await writeFile(join(storage, '.pending', `${tenant}.${half}.part`), 'half')
  const lost = `${randomUUID()}.${randomUUID()}`
  for (const name of [`${tenant}.${kept.id}`, `${tenant}.${orphan.id}`, `${tenant}.${half}`, lost])
    await age(storage, name)
  const fresh = await startApp(t, database, { FILE_STORAGE_PATH: storage })
  t.ok(await until(async () => (await filesIn(storage)).length === 1), String(await filesIn(storage)))
  t.same(await filesIn(storage), [kept.id])
  const token = (await signIn(fresh, ADMIN.username, ADMIN.password)).access_token
  const read = await (fresh as FastifyInstance).inject({
    url: kept.url,
    headers: { authorization: `Bearer ${token}` },
  })
  t.equal(read.body, 'kept')
})

t.test('what a crash has left is looked for once a day, too, for as long as the server runs', async (t) => {
  const daily: (() => void)[] = []
  const { setTimeout: real } = globalThis
  const spy = (look: () => void, delay: number, ...args: unknown[]) => {
    if (delay === 24 * 60 * 60 * 1000) daily.push(look)
    return real(look, delay, ...(args as []))
  }
  t.teardown(() => Object.assign(globalThis, { setTimeout: real }))
  Object.assign(globalThis, { setTimeout: spy })
  const { storage } = await startFiles(t)
  t.ok(await until(async () => daily.length > 0), 'once the first look is over')
  const lost = `${randomUUID()}.${randomUUID()}`
  await age(storage, lost)
  // Other daily work, on other things, may be among them.
  for (const look of daily.splice(0)) look()
  t.ok(await until(async () => (await filesIn(storage)).length === 0))
  t.ok(await until(async () => daily.length > 0), 'and so on')
})

t.test('a place that cannot be written to stops the start with its name', async (t) => {
  const { database } = await startFiles(t)
  const path = join(t.testdir({ taken: 'by a file' }), 'taken')
  await t.rejects(startApp(t, database, { FILE_STORAGE_PATH: path }), {
    message: /^FILE_STORAGE_PATH .*taken/,
  })
  t.ok((await stat(path)).isFile())
})
