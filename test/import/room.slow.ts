// Imports that find no room on the disk, or need more of it than an answer in memory may have.
import t from 'tap'
import { CSV, NDJSON, startStudents } from '../support/import/students.ts'

/** What the temporary files of a tenant may take, if UPLOAD_LIMIT is what it is by default. */
const MOST = 512 * 2 ** 20

t.test(
  'without room an import is 503 and stores nothing, whether the body or the answer has none',
  async (t) => {
    const { app, send, count } = await startStudents(t)
    const tenant = await app.directory.tenantByName('default')
    if (tenant === null) throw new Error('no tenant')
    const rows = Array.from({ length: 3000 }, (_, n) => `{"name":"n${n}"}\n`).join('')
    const import_ = (prefer = '') => send('POST', '/student/', rows, { ...NDJSON, prefer })
    const filled = app.spoolRoom.open(tenant.id)
    filled.grow(MOST)
    const refused = await import_()
    t.match(refused, { statusCode: 503, headers: { 'retry-after': /\d/ } })
    t.equal(await count(), 0)
    filled.release()
    const half = app.spoolRoom.open(tenant.id)
    half.grow(MOST - 2.3 * 2 ** 20)
    t.equal((await send('POST', '/student/', 'name\nfirst\n', CSV)).statusCode, 201, 'small ones have room')
    const long = rows.replaceAll('"}', `","note":"${'y'.repeat(300)}"}`)
    t.equal(
      (await send('POST', '/student/', long, NDJSON)).statusCode,
      503,
      'the body fits, the answer does not',
    )
    t.equal(await count(), 1)
    t.equal((await send('POST', '/student/', long, { ...NDJSON, prefer: 'return=minimal' })).statusCode, 201)
    half.release()
  },
)

t.test('an import may be answered with more than a JSON array may: it goes through the disk', async (t) => {
  const { send, count } = await startStudents(t)
  const note = 'z'.repeat(40_000)
  const rows = Array.from({ length: 900 }, (_, n) => `{"name":"n${n}","note":"${note}"}\n`).join('')
  const answer = await send('POST', '/student/', rows, NDJSON)
  t.equal(answer.statusCode, 201)
  t.equal(answer.json().length, 900)
  t.equal(await count(), 900)
})
