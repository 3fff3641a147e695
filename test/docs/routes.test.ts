// The static API: whatever route the server has is in the document, and says all that a caller needs.
import t, { type Test } from 'tap'
import { METHODS, type OpenApiDocument, type Operation } from '../../lib/openapi/reference.ts'
import { startWithAdmin } from '../support/app.ts'
import { routeTable } from '../support/route-table.ts'

/** Routes that are no API: the page itself, the same document under another name, what browsers ask of any site. */
const PAGE = /^\/(docs(\*|$|\/static|\/yaml)|favicon\.ico|robots\.txt)/

const withoutSlash = (path: string) => path.replace(/(?<=.)\/$/, '')

function documented({ paths }: OpenApiDocument): Map<string, Operation> {
  const entries = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): [string, Operation][] => {
      const operation = item[method]
      return operation === undefined ? [] : [[`${method.toUpperCase()} ${withoutSlash(path)}`, operation]]
    }),
  )
  return new Map(entries)
}

t.test('every route is in the document, and nothing else', async (t) => {
  const { app } = await startWithAdmin(t)
  const routes = routeTable(app).filter(
    (route) => !/^(HEAD|OPTIONS) /.test(route) && !PAGE.test(route.split(' ')[1] ?? ''),
  )
  const operations = documented((await app.inject('/docs/json')).json())
  t.ok(routes.includes('POST /auth/token'))
  t.strictSame([...operations.keys()].sort(), [...new Set(routes)].sort())
})

t.test('every operation says what it is, takes and answers', async (t) => {
  const { app } = await startWithAdmin(t)
  const document: OpenApiDocument = (await app.inject('/docs/json')).json()
  const tags = new Set(document.tags.map(({ name }) => name))
  const ids = new Set<string>()
  for (const [route, operation] of documented(document)) {
    const { operationId, summary, responses, requestBody } = operation
    t.match(operationId, /^[a-z][A-Za-z]*(_[a-z]+)?$/, `${route} has a name that generators can use`)
    t.notOk(ids.has(operationId), `${route} has a name of its own`)
    ids.add(operationId)
    t.ok(summary.length > 5 && summary.length < 100, `${route} has a summary`)
    t.ok(operation.tags.length === 1 && tags.has(operation.tags[0] ?? ''), `${route} has its group`)
    const takesBody = /^(POST|PUT|PATCH)/.test(route)
    t.equal(requestBody !== undefined, takesBody, `${route} ${takesBody ? 'has' : 'has no'} body`)
    t.match(
      JSON.stringify(requestBody ?? {}),
      takesBody ? /\$ref|properties|oneOf/ : '{}',
      `${route} describes its body`,
    )
    checkResponses(t, route, operation)
    t.equal('401' in responses || operation['x-access'] === 'public', true, `${route} may ask for a sign-in`)
  }
})

function checkResponses(t: Test, route: string, { responses }: Operation) {
  const statuses = Object.keys(responses)
  t.ok(
    statuses.some((status) => status.startsWith('2')),
    `${route} says what success is`,
  )
  t.ok(
    statuses.some((status) => status.startsWith('4')) && statuses.includes('default'),
    `${route} has refusals`,
  )
  for (const [status, response] of Object.entries(responses)) {
    const { $ref, description, content } = response as {
      $ref?: string
      description?: string
      content?: object
    }
    if (!/^2|302|304/.test(status)) {
      t.match($ref, /^#\/components\/responses\//, `${route} ${status} is a shared problem`)
      continue
    }
    t.notMatch(description, /Default Response/, `${route} ${status} is described`)
    t.equal(
      content === undefined,
      ['204', '302', '304'].includes(status),
      `${route} ${status} shows its content`,
    )
  }
}
