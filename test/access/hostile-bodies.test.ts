// Every route that reads JSON, with one member of its body after the other replaced by what nobody meant: refused or not,
// never a 5xx.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fixture } from '../support/access/fixture.ts'
import { ADMIN, signIn } from '../support/app.ts'
import { startFiles } from '../support/files/app.ts'

interface Row {
  route: string
  url: string
  body?: object
}

const ROWS: Row[] = JSON.parse(readFileSync(join('test', 'access', 'route-matrix.json'), 'utf8'))

const nested = (depth: number, core: string) => '['.repeat(depth) + core + ']'.repeat(depth)

/** As JSON. */
const HOSTILE = [
  '{"toString":1,"valueOf":1}',
  '{"__proto__":{"a":1},"constructor":1,"hasOwnProperty":1}',
  '[]',
  '[[],{},null]',
  '[null]',
  'null',
  'true',
  '-1',
  '1e300',
  '12345678901234567890',
  '"\\u0000"',
  '"\\ud800"',
  '""',
  JSON.stringify('x'.repeat(3000)),
  nested(150, '1'),
  nested(6000, '12345678901234567890'),
]

type Path = (string | number)[]

/** Where the members of a value are, its own place first. */
function places(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([name, inner]) => places(inner, [...at, name]))]
}

const MARK = '"<hostile>"'

function replaced(value: unknown, at: Path): string {
  const put = (inner: unknown, path: Path): unknown => {
    const [step, ...rest] = path
    if (step === undefined) return '<hostile>'
    const copy = Array.isArray(inner) ? [...inner] : { ...(inner as object) }
    const members = copy as Record<string, unknown>
    members[step] = put(members[step], rest)
    return copy
  }
  return JSON.stringify(put(value, at))
}

t.test('no body makes a 5xx', async (t) => {
  const { app } = await startFiles(t)
  for (const row of ROWS.filter(({ body }) => body !== undefined))
    t.test(row.route, async (t) => {
      const operator = (await signIn(app, ADMIN.username, ADMIN.password)).access_token
      const fill = fixture(app, { user: operator, admin: operator, operator } as never)
      const method = row.route.slice(0, row.route.indexOf(' ')) as 'POST'
      for (const place of places(row.body))
        for (const hostile of HOSTILE) {
          const filled = await fill(JSON.stringify({ url: row.url, body: replaced(row.body, place) }), false)
          const { url, body } = JSON.parse(filled) as { url: string; body: string }
          const answer = await app.inject({
            method,
            url,
            payload: body.replace(MARK, () => hostile),
            headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
          })
          if (answer.statusCode >= 500) t.fail(`${place.join('/')}: ${hostile.slice(0, 60)}: ${answer.body}`)
        }
      t.pass()
    })
})
