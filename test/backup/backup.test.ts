// A backup holds the database and its files as they were at one moment, comes back as it was, and refuses what is not whole.
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { backUp } from '../../lib/backup/backup.ts'
import { restoreBackup } from '../../lib/backup/restore.ts'
import type { Settings } from '../../lib/config.ts'
import { openStorage } from '../../lib/files/open-storage.ts'
import type { BlobStorage } from '../../lib/files/storage.ts'
import { ADMIN, as, signIn, startApp } from '../support/app.ts'
import { startFiles, upload } from '../support/files/app.ts'
import { startServer } from '../support/files/s3/start.ts'
import { temporary } from '../support/temporary.ts'
import { createEmptyDatabase } from '../support/test-database.ts'

const progress = () => {}

/** The settings of a bucket of its own, or none: a directory. */
async function storages(t: Test, kind: string): Promise<Partial<Settings>> {
  if (kind === 'local') return {}
  const { settings } = await startServer(t)
  return {
    S3_BUCKET: settings.bucket,
    S3_REGION: settings.region,
    S3_ENDPOINT: settings.endpoint,
    S3_ACCESS_KEY_ID: settings.accessKeyId,
    S3_SECRET_ACCESS_KEY: settings.secretAccessKey,
    S3_FORCE_PATH_STYLE: true,
  }
}

async function storageOf(t: Test, app: FastifyInstance): Promise<BlobStorage> {
  const { blobs, close } = await openStorage(app.settings)
  t.teardown(close)
  return blobs
}

async function filled(t: Test, kind = 'local') {
  const there = await storages(t, kind)
  const { app, database, admin } = await startFiles(t, there)
  const send = as(app, admin)
  await send('POST', '/schemas', { entity_name: 'note', fields: [{ name: 'scan', type: 'file' }] })
  const files = [
    await upload(app, admin, { content: 'first' }),
    await upload(app, admin, { filename: 'ü.txt', content: 'second' }),
    await upload(app, admin, { content: Buffer.alloc(300_000, 'x') }),
  ]
  for (const { id } of files) await send('POST', '/note', { scan: id })
  const directory = join(temporary(t), 'backup')
  return { app, url: database.url, blobs: await storageOf(t, app), files, directory, admin, send }
}

for (const kind of ['local', 's3']) {
  t.test(`everything comes back, with files in ${kind}`, async (t) => {
    const { url, blobs, files, directory } = await filled(t, kind)
    const written = await backUp({ url, blobs, progress }, directory)
    t.match(written, { files: 3, missing: [], damaged: [] })
    t.equal(statSync(directory).mode & 0o777, 0o700, 'only its owner reads it')
    t.strictSame(readdirSync(directory).sort(), ['SHA256SUMS', 'database.dump', 'files', 'manifest.json'])
    t.notOk(existsSync(`${directory}.part`))

    const there = { ...(await storages(t, kind)), FILE_STORAGE_PATH: join(temporary(t), 'restored') }
    const second = await createEmptyDatabase(t)
    const { blobs: target, close } = await openStorage({ UPLOAD_LIMIT: 1e6, ...there } as Settings)
    t.teardown(close)
    await restoreBackup({ url: second, blobs: target, progress }, directory)
    const app = await startApp(t, { url: second, role: 'univera_app', schema: 'public' }, there)
    const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
    const send = as(app, access_token)
    t.equal((await send('GET', '/note')).json().length, 3)
    for (const { id, size, sha256 } of files) {
      t.match((await send('GET', `/files/${id}`)).json(), { size, sha256 })
      t.equal((await send('GET', `/files/${id}/content`)).rawPayload.length, size)
    }
    await t.rejects(restoreBackup({ url: second, blobs: target, progress }, directory), {
      message: /is in use/,
    })
  })
}

t.test('files that come and go while it runs leave it consistent', async (t) => {
  const { app, url, blobs, files, directory, admin, send } = await filled(t)
  let disturbed = false
  const busy = {
    async open(...args: Parameters<BlobStorage['open']>) {
      if (!disturbed) {
        disturbed = true
        const { id } = await upload(app, admin, { content: 'late' })
        await send('POST', '/note', { scan: id })
        const [note] = (await send('GET', `/note?scan=eq.${files[0]?.id}`)).json()
        await send('DELETE', `/note/${note.id}`)
        t.equal((await send('DELETE', `/files/${files[0]?.id}`)).statusCode, 204)
        await blobs.remove({ tenantId: args[0].tenantId, fileId: files[0]?.id ?? '' })
      }
      return blobs.open(...args)
    },
  }
  const manifest = await backUp({ url, blobs: busy, progress }, directory)
  t.match(manifest, { files: 3, missing: [], damaged: [] }, 'another snapshot was taken')
  t.notMatch(readFileSync(join(directory, 'SHA256SUMS'), 'utf8'), files[0]?.id as string)
})

t.test('bytes that were lost or damaged before are told, and the rest is there', async (t) => {
  const { app, url, blobs, files, directory } = await filled(t)
  const { FILE_STORAGE_PATH: root } = app.settings
  const [tenant = ''] = readdirSync(root).filter((name) => !name.startsWith('.'))
  const [lost, damaged] = files.map(({ id }) => join(root, tenant, id.slice(-2), id))
  rmSync(lost as string)
  writeFileSync(damaged as string, 'others')
  const manifest = await backUp({ url, blobs, progress }, directory)
  t.match(manifest, { files: 2, missing: [/^files\//], damaged: [/^files\//] })
  const second = await createEmptyDatabase(t)
  const target = await openStorage({ ...app.settings, FILE_STORAGE_PATH: join(temporary(t), 'restored') })
  await restoreBackup({ url: second, blobs: target.blobs, progress }, directory)
})

t.test('a backup that was broken off goes on, and is none until it is whole', async (t) => {
  const { url, blobs, directory } = await filled(t)
  let opened = 0
  const breaking = {
    async open(...args: Parameters<BlobStorage['open']>) {
      opened += 1
      if (opened === 3) throw new Error('power cut')
      return blobs.open(...args)
    },
  }
  await t.rejects(backUp({ url, blobs: breaking, progress }, directory), /power cut/)
  t.notOk(existsSync(directory))
  await t.rejects(restoreBackup({ url, blobs, progress }, `${directory}.part`), {
    message: /is no backup of Univera/,
  })
  opened = 3
  await backUp({ url, blobs: breaking, progress }, directory)
  t.equal(opened, 4, 'what was copied is not copied again')
})

t.test('what is not whole is refused before anything is touched', async (t) => {
  const { url, blobs, directory, files } = await filled(t)
  await backUp({ url, blobs, progress }, directory)
  const empty = await createEmptyDatabase(t)
  const untouched = { put: () => t.fail('nothing is stored') as never, clearPending: async () => {} }
  const list = readFileSync(join(directory, 'SHA256SUMS'), 'utf8')
  const pathOf = (id = '') =>
    /files\/\S+/.exec(list.split('\n').find((line) => line.endsWith(id)) ?? '')?.[0] ?? ''
  const [first = ''] = list.split('\n').slice(-2)
  const scenarios: [string, (copy: string) => void, RegExp][] = [
    ['a file', (copy) => appendFileSync(join(copy, pathOf(files[1]?.id)), 'x'), /is damaged: files\//],
    ['no file', (copy) => rmSync(join(copy, pathOf(files[1]?.id))), /cannot be restored: ENOENT/],
    ['the dump', (copy) => appendFileSync(join(copy, 'database.dump'), 'x'), /is damaged: database\.dump/],
    [
      'the list',
      (copy) => writeFileSync(join(copy, 'SHA256SUMS'), list.replace(`${first}\n`, '')),
      /breaks off/,
    ],
    ['no list', (copy) => rmSync(join(copy, 'SHA256SUMS')), /ENOENT/],
    ['no manifest', (copy) => rmSync(join(copy, 'manifest.json')), /is no backup of Univera/],
    [
      'another manifest',
      (copy) => writeFileSync(join(copy, 'manifest.json'), '[]'),
      /is no backup of Univera/,
    ],
    [
      'a way out',
      (copy) => appendFileSync(join(copy, 'SHA256SUMS'), `${'0'.repeat(64)}  files/../../../etc/passwd\n`),
      /names no part of a backup/,
    ],
  ]
  for (const [name, spoil, message] of scenarios) {
    const copy = `${directory}-copy`
    cpSync(directory, copy, { recursive: true })
    spoil(copy)
    await t.rejects(
      restoreBackup({ url: empty, blobs: untouched, progress }, copy),
      { name: 'StartError', message },
      name,
    )
    rmSync(copy, { recursive: true })
  }
  await t.rejects(backUp({ url, blobs, progress }, directory), { message: /exists/ })
  await t.rejects(backUp({ url, blobs, progress }, join(directory, 'manifest.json', 'backup')), {
    message: /cannot be written/,
  })
})
