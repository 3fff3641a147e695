// What every driver of BlobStorage promises, asked of each of them.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { errors } from '../../lib/errors.ts'
import { HEAD_BYTES } from '../../lib/files/content-type.ts'
import type { BlobKey, BlobStorage } from '../../lib/files/storage.ts'
import { drivers, type Kept } from '../support/files/drivers.ts'

const MIB = 2 ** 20

const LIMIT = 50 * MIB

const newKey = (tenantId: string = randomUUID()): BlobKey => ({ tenantId, fileId: randomUUID() })

const noteOf = ({ tenantId, fileId }: BlobKey) => `${tenantId}.${fileId}`

const idsOf = (...keys: BlobKey[]) => keys.map(({ fileId }) => fileId).sort()

const bytes = (content: string | Buffer) => Readable.from([Buffer.from(content)])

async function read(storage: BlobStorage, key: BlobKey, range?: { start: number; end: number }) {
  const stream = await storage.open(key, range)
  return stream === null ? null : text(stream)
}

async function sameAs(
  t: Test,
  { blobs, notes, unfinished }: Kept,
  expected: { blobs: BlobKey[]; notes: BlobKey[] },
) {
  t.same((await blobs()).sort(), idsOf(...expected.blobs), 'blobs')
  t.same((await notes()).sort(), expected.notes.map(noteOf).sort(), 'notes')
  t.equal(await unfinished(), 0, 'nothing unfinished')
}

/** Random bytes in chunks as they come from a socket. */
async function* chunks(content: Buffer) {
  for (let at = 0; at < content.length; at += 65_000) yield content.subarray(at, at + 65_000)
}

const promises: { promise: string; keeps: (t: Test, kept: Kept) => Promise<void> }[] = [
  {
    promise: 'what was put is there, measured, with its note until it is settled',
    async keeps(t, kept) {
      const { storage } = kept
      const key = newKey()
      const content = randomBytes(HEAD_BYTES + 5000)
      const stored = await storage.put(
        key,
        Readable.from([content.subarray(0, 10), content.subarray(10)]),
        LIMIT,
      )
      t.equal(stored.size, content.length)
      t.equal(stored.sha256, createHash('sha256').update(content).digest('hex'))
      t.ok(stored.head.equals(content.subarray(0, HEAD_BYTES)))
      await sameAs(t, kept, { blobs: [key], notes: [key] })
      await storage.clearPending(key)
      await sameAs(t, kept, { blobs: [key], notes: [] })
      const found = await storage.open(key)
      t.ok(content.equals(await buffer(found as Readable)))
      t.equal(await read(await kept.another(), newKey()), null)
    },
  },
  {
    promise: 'a file of many MiB is the same when it comes back, whole and in ranges',
    async keeps(t, kept) {
      const content = randomBytes(12 * MIB + 1)
      const key = newKey()
      const stored = await kept.storage.put(key, Readable.from(chunks(content)), LIMIT)
      t.equal(stored.size, content.length)
      t.equal(stored.sha256, createHash('sha256').update(content).digest('hex'))
      await sameAs(t, kept, { blobs: [key], notes: [key] })
      const another = await kept.another()
      t.ok(content.equals(await buffer((await another.open(key)) as Readable)))
      for (const [start, end] of [
        [0, 0],
        [5 * MIB - 1, 5 * MIB + 1],
        [12 * MIB, 12 * MIB],
      ] as const) {
        const part = await buffer((await another.open(key, { start, end })) as Readable)
        t.ok(part.equals(content.subarray(start, end + 1)), `${start} to ${end}`)
      }
    },
  },
  {
    promise: 'files of a part, and of two, and a byte beside are whole',
    async keeps(t, { storage }) {
      for (const size of [5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB]) {
        const content = randomBytes(size)
        const key = newKey()
        await storage.put(key, Readable.from(chunks(content)), LIMIT)
        t.ok(content.equals(await buffer((await storage.open(key)) as Readable)), String(size))
      }
    },
  },
  {
    promise: 'ranges and the empty file are read as they are, what is not there is null',
    async keeps(t, { storage }) {
      const [full, empty] = [newKey(), newKey()]
      await storage.put(full, bytes('0123456789'), LIMIT)
      await storage.put(empty, Readable.from([]), LIMIT)
      t.equal(await read(storage, full), '0123456789')
      t.equal(await read(storage, full, { start: 2, end: 2 }), '2')
      t.equal(await read(storage, full, { start: 7, end: 9 }), '789')
      t.equal(await read(storage, empty), '')
      t.equal(await read(storage, newKey()), null)
      t.equal(await read(storage, newKey(full.tenantId), { start: 0, end: 1 }), null)
    },
  },
  {
    promise: 'exactly the limit is stored; one byte more leaves nothing, however far it came',
    async keeps(t, kept) {
      const key = newKey()
      await kept.storage.put(key, bytes(Buffer.alloc(100)), 100)
      for (const limit of [100, 6 * MIB]) {
        const source = Readable.from(chunks(Buffer.alloc(limit + MIB)))
        await t.rejects(kept.storage.put(newKey(), source, limit), errors.fileTooLarge(limit))
        t.ok(source.destroyed)
      }
      await sameAs(t, kept, { blobs: [key], notes: [key] })
    },
  },
  {
    promise: 'a source that breaks leaves nothing, however far it came',
    async keeps(t, kept) {
      for (const size of [0, 70_000, 11 * MIB]) {
        async function* broken() {
          yield* chunks(Buffer.alloc(size))
          throw new Error('gone')
        }
        await t.rejects(kept.storage.put(newKey(), Readable.from(broken()), LIMIT), { message: 'gone' })
        await sameAs(t, kept, { blobs: [], notes: [] })
      }
      const silent = new Readable({ read: () => silent.destroy() })
      await t.rejects(kept.storage.put(newKey(), silent, LIMIT))
      await sameAs(t, kept, { blobs: [], notes: [] })
    },
  },
  {
    promise: 'many files at once do not meet each other',
    async keeps(t, { storage }) {
      const files = Array.from({ length: 30 }, () => ({ key: newKey(), content: randomUUID() }))
      await Promise.all(files.map(({ key, content }) => storage.put(key, bytes(content), LIMIT)))
      const found = await Promise.all(files.map(({ key }) => read(storage, key)))
      t.same(
        found,
        files.map(({ content }) => content),
      )
    },
  },
  {
    promise: 'removing is final and may be repeated',
    async keeps(t, kept) {
      const key = newKey()
      await kept.storage.put(key, bytes('x'), LIMIT)
      await kept.storage.remove(key)
      await kept.storage.remove(key)
      await kept.storage.clearPending(key)
      t.equal(await read(kept.storage, key), null)
      await sameAs(t, kept, { blobs: [], notes: [] })
    },
  },
  {
    promise: 'a tenant is removed with all of its files, and no other',
    async keeps(t, kept) {
      const [tenant, other] = [randomUUID(), newKey()]
      for (const key of [...Array.from({ length: 7 }, () => newKey(tenant)), other]) {
        await kept.storage.put(key, bytes('x'), LIMIT)
        await kept.storage.clearPending(key)
      }
      await kept.storage.removeTenant(tenant)
      await kept.storage.removeTenant(tenant)
      await sameAs(t, kept, { blobs: [other], notes: [] })
    },
  },
  {
    promise: 'a sweep removes what a crash left behind, and only that',
    async keeps(t, kept) {
      const { storage } = kept
      const [wanted, orphan, settled, unfinished, removed] = [
        newKey(),
        newKey(),
        newKey(),
        newKey(),
        newKey(),
      ]
      for (const key of [wanted, orphan, settled]) await storage.put(key, bytes('x'), LIMIT)
      await storage.clearPending(settled)
      await kept.breakOff(unfinished)
      await storage.markPending(removed)
      const before = await kept.letTimePass()
      const [recent, uploading] = [newKey(), newKey()]
      const another = await kept.another()
      await another.put(recent, bytes('x'), LIMIT)
      await another.markPending(uploading)
      const asked: string[] = []
      const swept = await storage.sweep(before, async ({ fileId }) => {
        asked.push(fileId)
        return fileId === wanted.fileId
      })
      t.equal(swept, 4)
      t.same(asked.sort(), idsOf(wanted, orphan, unfinished, removed))
      await sameAs(t, kept, { blobs: [wanted, settled, recent], notes: [recent, uploading] })
    },
  },
  {
    promise: 'what is announced again is waited for again',
    async keeps(t, { storage, letTimePass }) {
      const key = newKey()
      await storage.put(key, bytes('x'), LIMIT)
      const before = await letTimePass()
      await storage.markPending(key)
      t.equal(await storage.sweep(before, async () => false), 0)
      t.equal(await read(storage, key), 'x')
    },
  },
  {
    promise: 'a key that is no pair of UUIDs touches nothing',
    async keeps(t, { storage }) {
      const tenantId = randomUUID()
      for (const fileId of ['../../etc/passwd', '', '..', randomUUID().toUpperCase(), `${randomUUID()}\0`]) {
        const refused = { message: 'a blob is named by UUIDs' }
        await t.rejects(storage.open({ tenantId, fileId }), refused)
        await t.rejects(storage.put({ tenantId, fileId }, bytes('x'), LIMIT), refused)
        await t.rejects(async () => storage.markPending({ tenantId, fileId }), refused)
      }
      for (const tenant of ['', '.', '..', `${tenantId}/`])
        await t.rejects(storage.removeTenant(tenant), { message: 'a tenant is named by a UUID' })
    },
  },
]

for (const { name, start } of drivers)
  for (const { promise, keeps } of promises)
    t.test(`${name}: ${promise}`, async (t) => keeps(t, await start(t)))
