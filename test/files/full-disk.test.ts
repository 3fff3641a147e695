// A disk with little space left: uploads and imports are refused, reading, writing records and deleting go on.
import { symlinkSync } from 'node:fs'
import t from 'tap'
import { TenantBudget } from '../../lib/concurrency/tenant-budget.ts'
import { FreeSpace } from '../../lib/files/free-space.ts'
import { pathsOf } from '../../lib/files/local-paths.ts'
import { asAdmin } from '../support/app.ts'
import { MULTIPART, multipart, startFiles } from '../support/files/app.ts'

const UNREACHABLE = 2 ** 60

t.test('below the floor uploads and imports are 507; everything else goes on', async (t) => {
  const { app } = await startFiles(t, { MIN_FREE_DISK: UNREACHABLE })
  const send = await asAdmin(app)
  await send('POST', '/schemas/', { entity_name: 'thing', fields: [{ name: 'name', type: 'string' }] })
  const upload = await send(
    'POST',
    '/files/upload',
    multipart({ filename: 'a.txt', content: 'text' }),
    MULTIPART,
  )
  t.match([upload.statusCode, upload.json().code], [507, 'insufficient_storage'])
  t.match(upload.json().hint, /Delete files/)
  const csv = await send('POST', '/thing/', 'name\nAda\n', { 'content-type': 'text/csv' })
  t.match([csv.statusCode, csv.json().code], [507, 'insufficient_storage'])
  t.equal((await send('POST', '/thing/', { name: 'Ada' })).statusCode, 201)
  t.equal((await send('GET', '/thing/', undefined, { accept: 'text/csv' })).statusCode, 200)
})

t.test('a file is deleted while the disk is full', async (t) => {
  const { app } = await startFiles(t)
  const send = await asAdmin(app)
  const uploaded = await send(
    'POST',
    '/files/upload',
    multipart({ filename: 'a.txt', content: 'text' }),
    MULTIPART,
  )
  const { id } = uploaded.json()
  const tenant = await app.directory.tenantByName('default')
  const { note } = pathsOf(app.settings.FILE_STORAGE_PATH, { tenantId: tenant?.id ?? '', fileId: id })
  // Whatever is written there finds no space.
  symlinkSync('/dev/full', note)
  t.equal((await send('DELETE', `/files/${id}`)).statusCode, 204)
  t.equal((await send('GET', `/files/${id}`)).statusCode, 404)
})

t.test('bytes taken between two looks count', async (t) => {
  const { bavail, bsize } = await import('node:fs').then(({ statfsSync }) => statfsSync(t.testdir()))
  const free = bavail * bsize
  const space = new FreeSpace({ paths: [t.testdir()], floor: free / 2 })
  space.take(free / 4)
  t.throws(() => space.take(free / 2), { message: /too little free disk space/ })
  space.take(free / 8)
})

t.test('a reservation grows only as far as the disk allows, and gives its share back', async (t) => {
  const budget = new TenantBudget({ all: 100, tenant: 100, least: 1 })
  const space = new FreeSpace({ paths: ['.'], floor: UNREACHABLE })
  const share = space.within(budget.open('a'))
  t.throws(() => share.grow(10), { message: /too little free disk space/ })
  share.release()
  budget.take('a', 100)
})
