// What keeps a server from starting with a bucket is told by the setting that is wrong; no secret is in what is told.

import { execFile } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import t from 'tap'
import type { Settings } from '../../../lib/config.ts'
import { S3Storage } from '../../../lib/files/s3/s3-storage.ts'
import { startApp } from '../../support/app.ts'
import { settingsFor } from '../../support/files/s3/app.ts'
import { ACCOUNT, type Fate } from '../../support/files/s3/server.ts'
import { startServer } from '../../support/files/s3/start.ts'
import { createTestDatabase } from '../../support/test-database.ts'

const SECRET = 'a-secret-that-is-wrong'

interface Scenario {
  what: string
  settings?: Partial<Settings>
  fate?: (request: IncomingMessage) => Fate
  message: RegExp
}

const denied = (method: string) => (request: IncomingMessage) =>
  request.method === method ? { code: 'AccessDenied' } : ('serve' as const)

const scenarios: Scenario[] = [
  {
    what: 'no such bucket',
    settings: { S3_BUCKET: 'other' },
    message: /^S3_BUCKET other .*no such bucket; make it/,
  },
  {
    what: 'no such key',
    settings: { S3_ACCESS_KEY_ID: 'wrong' },
    message: /S3_ACCESS_KEY_ID .* not accepted: there is no such key/,
  },
  {
    what: 'the wrong secret',
    settings: { S3_SECRET_ACCESS_KEY: SECRET },
    message: /S3_SECRET_ACCESS_KEY are not accepted: the secret does not belong to the key/,
  },
  {
    what: 'another region',
    settings: { S3_REGION: 'elsewhere' },
    message: /another region; correct S3_REGION/,
  },
  {
    what: 'nobody at the endpoint',
    settings: { S3_ENDPOINT: 'http://127.0.0.1:1' },
    message: /S3_ENDPOINT cannot be reached: connect ECONNREFUSED 127\.0\.0\.1:1/,
  },
  {
    what: 'no such host',
    settings: { S3_ENDPOINT: 'http://no-such-host.invalid' },
    message: /S3_ENDPOINT cannot be reached/,
  },
  { what: 'no right to write', fate: denied('PUT'), message: /may not list, write, read and delete/ },
  { what: 'no right to delete', fate: denied('DELETE'), message: /may not list, write, read and delete/ },
  { what: 'no right to list', fate: denied('GET'), message: /may not list, write, read and delete/ },
  {
    what: 'a failure of S3',
    fate: () => ({ code: 'InternalError' }),
    message: /InternalError: It is InternalError/,
  },
]

t.test('a bucket that cannot be worked in stops the start', async (t) => {
  const { server, bucket, settings } = await startServer(t)
  const database = await createTestDatabase(t)
  for (const { what, settings: changed, fate = () => 'serve' as const, message } of scenarios) {
    server.fate = fate
    const given = { FILE_STORAGE_PATH: t.testdir(), ...settingsFor(settings), ...changed }
    const failure = await startApp(t, database, given).catch((error: Error) => error)
    t.match(failure, { name: 'StartError', message }, what)
    const told = String((failure as Error).message)
    for (const secret of [SECRET, ACCOUNT.secretAccessKey]) t.notMatch(told, secret)
  }
  server.fate = () => 'serve'
  bucket.objects.clear()
  await startApp(t, database, { FILE_STORAGE_PATH: t.testdir(), ...settingsFor(settings) })
  t.equal(bucket.objects.size, 0, 'the try leaves nothing')
})

t.test('an S3 that does not answer is waited for only so long', async (t) => {
  const { server, settings } = await startServer(t)
  server.fate = () => 'hang'
  const storage = new S3Storage(settings, { largest: 1, directory: t.testdir() })
  t.teardown(() => storage.close())
  await t.rejects(storage.check(100), {
    name: 'StartError',
    message: /no answer within 100 ms; correct S3_ENDPOINT/,
  })
})

t.test('without a bucket Amazon’s client is not loaded', async (t) => {
  const app = new URL('../../../app.js', import.meta.url)
  const script = `await import(${JSON.stringify(app.href)})
    const { createRequire } = await import('node:module')
    const loaded = Object.keys(createRequire(${JSON.stringify(app.href)}).cache)
    console.log(loaded.length > 0, loaded.filter((file) => /@aws-sdk|@smithy/.test(file)).length)`
  const { NODE_OPTIONS: _, ...env } = process.env
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })
  t.equal((await run).stdout, 'true 0\n')
})
