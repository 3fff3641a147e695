// The local driver: what is on the disk after success, failure and a crash.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { errors } from '../../lib/errors.ts'
import { HEAD_BYTES } from '../../lib/files/content-type.ts'
import { LocalStorage } from '../../lib/files/local-storage.ts'
import { SIGNATURE } from '../../lib/files/note-writer.ts'
import type { BlobKey } from '../../lib/files/storage.ts'

const newKey = (): BlobKey => ({ tenantId: randomUUID(), fileId: randomUUID() })
const LIMIT = 1_000_000

async function open(t: Test) {
  const root = join(t.testdir(), 'with a space', 'files')
  return { root, storage: await LocalStorage.open(root) }
}

/** Every file below the root. */
async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

async function read(storage: LocalStorage, key: BlobKey, range?: { start: number; end: number }) {
  const stream = await storage.open(key, range)
  return stream === null ? null : text(stream)
}

t.test('what was put is there, measured, with its note until it is settled', async (t) => {
  const { root, storage } = await open(t)
  const key = newKey()
  const bytes = randomBytes(HEAD_BYTES + 5000)
  const stored = await storage.put(key, Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]), LIMIT)
  t.equal(stored.size, bytes.length)
  t.equal(stored.sha256, createHash('sha256').update(bytes).digest('hex'))
  t.ok(stored.head.equals(bytes.subarray(0, HEAD_BYTES)))
  t.same((await filesIn(root)).sort(), [`${key.tenantId}.${key.fileId}`, key.fileId].sort())
  await storage.settle(key)
  t.same(await filesIn(root), [key.fileId])
  const path = join(root, key.tenantId, key.fileId.slice(-2), key.fileId)
  t.ok(bytes.equals(await readFile(path)))
  if (process.platform !== 'win32') t.equal((await stat(path)).mode & 0o077, 0, 'for nobody but the owner')
})

t.test('ranges and the empty file are read as they are', async (t) => {
  const { storage } = await open(t)
  const [full, empty] = [newKey(), newKey()]
  await storage.put(full, Readable.from([Buffer.from('0123456789')]), LIMIT)
  await storage.put(empty, Readable.from([]), LIMIT)
  t.equal(await read(storage, full), '0123456789')
  t.equal(await read(storage, full, { start: 2, end: 2 }), '2')
  t.equal(await read(storage, full, { start: 7, end: 9 }), '789')
  t.equal(await read(storage, empty), '')
  t.equal(await read(storage, newKey()), null)
})

t.test('exactly the limit is stored; one byte more leaves nothing', async (t) => {
  const { root, storage } = await open(t)
  await storage.put(newKey(), Readable.from([Buffer.alloc(100)]), 100)
  t.equal((await filesIn(root)).length, 2)
  const source = Readable.from([Buffer.alloc(60), Buffer.alloc(41), Buffer.alloc(1000)])
  await t.rejects(storage.put(newKey(), source, 100), errors.fileTooLarge(100))
  t.ok(source.destroyed)
  t.equal((await filesIn(root)).length, 2)
})

t.test('a source that breaks leaves nothing', async (t) => {
  const { root, storage } = await open(t)
  async function* broken() {
    yield Buffer.alloc(70_000)
    throw new Error('gone')
  }
  await t.rejects(storage.put(newKey(), Readable.from(broken()), LIMIT), { message: 'gone' })
  t.same(await filesIn(root), [])
})

t.test('a source that breaks before its file is even open leaves nothing', async (t) => {
  const { root, storage } = await open(t)
  const { open: openNow } = fs
  const openLate = (...args: Parameters<typeof openNow>) => setTimeout(() => openNow(...args), 50)
  t.teardown(() => Object.assign(fs, { open: openNow }))
  Object.assign(fs, { open: openLate })
  const source = new Readable({ read: () => source.destroy(new Error('gone')) })
  await t.rejects(storage.put(newKey(), source, LIMIT), { message: 'gone' })
  await sleep(100)
  t.same(await filesIn(root), [])
})

t.test('removing is final and may be repeated', async (t) => {
  const { root, storage } = await open(t)
  const key = newKey()
  await storage.put(key, Readable.from([Buffer.from('x')]), LIMIT)
  await storage.remove(key)
  await storage.remove(key)
  t.equal(await read(storage, key), null)
  t.same(await filesIn(root), [])
})

t.test('a sweep removes what a crash left behind, and only that', async (t) => {
  const { root, storage } = await open(t)
  const [wanted, orphan, recent, settled] = [newKey(), newKey(), newKey(), newKey()]
  for (const key of [wanted, orphan, recent, settled])
    await storage.put(key, Readable.from([Buffer.from('x')]), LIMIT)
  await storage.settle(settled)
  const unfinished = newKey()
  await storage.announce(unfinished)
  const note = (key: BlobKey) => join(root, '.pending', `${key.tenantId}.${key.fileId}`)
  await writeFile(`${note(unfinished)}.part`, 'half')
  await writeFile(join(root, '.pending', 'stranger'), 'not ours')
  for (const key of [wanted, orphan, unfinished]) await utimes(note(key), 1000, 1000)
  const asked: string[] = []
  const swept = await storage.sweep(new Date(Date.now() - 60_000), async ({ fileId }) => {
    asked.push(fileId)
    return fileId === wanted.fileId
  })
  t.equal(swept, 3)
  t.same(asked.sort(), [wanted.fileId, orphan.fileId, unfinished.fileId].sort())
  const left = [
    wanted.fileId,
    settled.fileId,
    recent.fileId,
    `${recent.tenantId}.${recent.fileId}`,
    'stranger',
  ]
  t.same((await filesIn(root)).sort(), left.sort())
})

t.test('a sweep does not wait for a process that is gone', async (t) => {
  const { root, storage } = await open(t)
  const signatures = [
    { by: `${hostname()} 2147483646 ${randomUUID()}`, gone: true },
    { by: `${hostname()} ${process.pid} ${randomUUID()}`, gone: true },
    { by: SIGNATURE, gone: false },
    { by: `${hostname()} ${process.ppid} ${randomUUID()}`, gone: false },
    { by: `elsewhere 2147483646 ${randomUUID()}`, gone: false },
    { by: `${hostname()} 0 x`, gone: false },
    { by: hostname(), gone: false },
    { by: '', gone: false },
  ]
  for (const { by, gone } of signatures) {
    const key = newKey()
    await storage.put(key, Readable.from([Buffer.from('x')]), LIMIT)
    await writeFile(join(root, '.pending', `${key.tenantId}.${key.fileId}`), by)
    t.equal(await storage.sweep(new Date(0), async () => false), gone ? 1 : 0, by)
    t.equal((await read(storage, key)) === null, gone)
    await storage.remove(key)
  }
})

t.test('a key that is no pair of UUIDs touches no file', async (t) => {
  const { storage } = await open(t)
  const tenantId = randomUUID()
  for (const fileId of ['../../etc/passwd', '', '..', randomUUID().toUpperCase(), `${randomUUID()}\0`])
    await t.rejects(storage.open({ tenantId, fileId }), { message: 'a blob is named by UUIDs' })
})

t.test('a place that cannot be written to is refused at once', async (t) => {
  const file = join(t.testdir({ file: 'x' }), 'file')
  await t.rejects(LocalStorage.open(file))
})
