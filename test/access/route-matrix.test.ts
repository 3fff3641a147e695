// The route matrix: every route of the real route table, called by everyone there is, answers as route-matrix.json says.
// A route that is not in it fails: whoever adds one decides who may use it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fixture } from '../support/access/fixture.ts'
import { ADMIN, addUser, asAdmin, signIn } from '../support/app.ts'
import { MULTIPART, multipart, startFiles } from '../support/files/app.ts'
import { routeTable } from '../support/route-table.ts'

interface Row {
  /** As the route table has it. */
  route: string
  /** `{user}` and the like stand for a new one of each kind. */
  url: string
  body?: object
  /** The content of a file to upload. */
  upload?: string
  /** What each caller is answered. */
  status: number[]
}

const VISITOR = 'anonymous where the entity is open'

const CALLERS = ['anonymous', VISITOR, 'user', 'admin', "another tenant's admin", 'operator'] as const

const ROWS: Row[] = JSON.parse(readFileSync(join('test', 'access', 'route-matrix.json'), 'utf8'))

/** What every GET route has too, and what browsers ask before they ask. */
const IMPLIED = /^(HEAD|OPTIONS) /

async function start(t: Parameters<typeof startFiles>[0]) {
  const { app } = await startFiles(t)
  const password = 'a password'
  await (await asAdmin(app))('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password } })
  const tokens: Record<string, string> = {
    user: (await addUser(app, 'user', 'user')).tokens.access_token,
    admin: (await addUser(app, 'other admin', 'admin')).tokens.access_token,
    "another tenant's admin": (await signIn(app, 'acme/boss', password)).access_token,
    operator: (await signIn(app, ADMIN.username, ADMIN.password)).access_token,
  }
  return { app, tokens, fill: fixture(app, tokens as never) }
}

t.test('every route is in the matrix, and nothing else', async (t) => {
  const { app } = await start(t)
  const routes = routeTable(app).filter((route) => !IMPLIED.test(route))
  t.strictSame(ROWS.map(({ route }) => route).sort(), [...new Set(routes)].sort())
})

/** The request that a row describes, on things of its own. */
async function requestOf(row: Row, fill: (text: string) => Promise<string>) {
  const { url, body } = JSON.parse(await fill(JSON.stringify({ url: row.url, body: row.body })))
  if (row.upload === undefined) return { url, payload: body, headers: {} }
  return { url, payload: multipart({ filename: 'a.txt', content: row.upload }), headers: MULTIPART }
}

/** The methods that a row speaks for. */
function methodsOf({ route }: Row): string[] {
  const method = route.slice(0, route.indexOf(' '))
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

t.test('every route answers everyone as the matrix says', async (t) => {
  const { app, tokens, fill } = await start(t)
  const requests = ROWS.flatMap((row) =>
    CALLERS.map((caller, at) => ({ row, caller, status: row.status[at] })),
  )
  for (const { row, caller, status } of requests) {
    const { url, payload, headers } = await requestOf(row, (text) => fill(text, caller === VISITOR))
    const authorization = tokens[caller] === undefined ? {} : { authorization: `Bearer ${tokens[caller]}` }
    for (const method of methodsOf(row)) {
      const sent = { method: method as 'GET', url, headers: { ...headers, ...authorization } }
      const answer = await app.inject(payload === undefined ? sent : { ...sent, payload })
      t.equal(answer.statusCode, status, `${method} ${row.url} by ${caller}: ${answer.body.slice(0, 300)}`)
    }
  }
})
