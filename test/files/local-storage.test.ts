// The local driver alone: what is on the disk after success, failure and a crash. What it promises with the other drivers is
// in storage.test.ts.
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
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

async function read(storage: LocalStorage, key: BlobKey) {
  const stream = await storage.open(key)
  return stream === null ? null : text(stream)
}

t.test('a blob lies under its id, for nobody but the owner', async (t) => {
  const { root, storage } = await open(t)
  const key = newKey()
  await storage.put(key, Readable.from([Buffer.from('x')]), LIMIT)
  const path = join(root, key.tenantId, key.fileId.slice(-2), key.fileId)
  t.equal(await readFile(path, 'utf8'), 'x')
  if (process.platform !== 'win32') t.equal((await stat(path)).mode & 0o077, 0)
})

t.test('a source that breaks before its file is even open leaves nothing', async (t) => {
  const { root, storage } = await open(t)
  const { open: openNow } = fs
  const opened = new Promise<void>((resolve) => {
    const openLate = (path: string, flags: string, mode: number, done: (...outcome: unknown[]) => void) =>
      setTimeout(() => {
        openNow(path, flags, mode, (...outcome) => {
          done(...outcome)
          resolve()
        })
      }, 50)
    Object.assign(fs, { open: openLate })
  })
  t.teardown(() => Object.assign(fs, { open: openNow }))
  const source = new Readable({ read: () => source.destroy(new Error('gone')) })
  await t.rejects(storage.put(newKey(), source, LIMIT), { message: 'gone' })
  await opened
  t.same(await filesIn(root), [])
})

t.test('a sweep removes what a crash left behind, and only that', async (t) => {
  const { root, storage } = await open(t)
  const [wanted, orphan, recent, settled] = [newKey(), newKey(), newKey(), newKey()]
  for (const key of [wanted, orphan, recent, settled])
    await storage.put(key, Readable.from([Buffer.from('x')]), LIMIT)
  await storage.clearPending(settled)
  const unfinished = newKey()
  await storage.markPending(unfinished)
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

t.test('a place that cannot be written to is refused at once', async (t) => {
  const file = join(t.testdir({ file: 'x' }), 'file')
  await t.rejects(LocalStorage.open(file))
})
