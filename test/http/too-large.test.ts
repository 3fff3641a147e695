// Bodies past their limit: each 413 names the limit and a way that leads on.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { MULTIPART, multipart } from '../support/files/app.ts'

const BODY_LIMIT = 2000
const UPLOAD_LIMIT = 5000

t.test('the refusal of a body that is too large names the limit and a way out', async (t) => {
  const { app } = await startWithAdmin(t, { BODY_LIMIT, UPLOAD_LIMIT })
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', { entity_name: 'thing', fields: [{ name: 'name', type: 'string' }] })
  const long = 'x'.repeat(10_000)
  const csv = `name\n${'x\n'.repeat(5000)}`
  const file = multipart({ filename: 'a.txt', content: long })
  const cases = [
    ['POST', '/thing', { name: long }, {}, BODY_LIMIT, /CSV or NDJSON: up to 5000 bytes/],
    ['PATCH', '/thing?name=eq.a', { name: long }, {}, BODY_LIMIT, /BODY_LIMIT/],
    ['POST', '/schemas', { entity_name: long }, {}, BODY_LIMIT, /BODY_LIMIT/],
    ['POST', '/thing', csv, { 'content-type': 'text/csv' }, UPLOAD_LIMIT, /several requests.*UPLOAD_LIMIT/],
    ['POST', '/files/upload', file, MULTIPART, UPLOAD_LIMIT, /UPLOAD_LIMIT/],
    ['POST', '/auth/token', { password: 'x'.repeat(40_000) }, {}, 32_768, /^Send less: .* no setting raises/],
    ['POST', '/auth/revoke', { token: 'x'.repeat(40_000) }, {}, 32_768, /^Send less: .* no setting raises/],
  ] as const
  for (const [method, url, body, headers, limit, hint] of cases) {
    const answer = await admin(method, url, body, headers)
    t.match(
      answer.json(),
      { status: 413, detail: new RegExp(`at most ${limit} bytes`), hint },
      `${method} ${url}`,
    )
  }
})
