// How long an S3 is waited for that does not answer.

import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import t from 'tap'
import { errors } from '../../../lib/errors.ts'
import { S3Storage } from '../../../lib/files/s3/s3-storage.ts'
import { startServer } from '../../support/files/s3/start.ts'

t.test('an S3 that does not answer is waited for only so long', async (t) => {
  const { server, settings } = await startServer(t)
  const storage = new S3Storage({ ...settings, patience: 300 }, { largest: 10, directory: t.testdir() })
  t.teardown(() => storage.close())
  server.fate = () => 'hang'
  const key = { tenantId: randomUUID(), fileId: randomUUID() }
  const since = performance.now()
  await t.rejects(storage.put(key, Readable.from([Buffer.from('x')]), 10), errors.unavailable())
  await t.rejects(storage.open(key), errors.unavailable())
  await t.rejects(storage.markPending(key), errors.unavailable())
  await t.rejects(storage.remove(key), errors.unavailable())
  await t.rejects(storage.removeTenant(key.tenantId), errors.unavailable())
  t.ok(performance.now() - since < 5000)
})
