// The document describes what the server really answers: status, media type and body, refusals too.
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import type { OpenApiDocument } from '../../lib/openapi/reference.ts'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { STUDENT } from '../support/docs/sample.ts'

type Answer = { statusCode: number; headers: Record<string, unknown>; body: string }

interface Described {
  $ref?: string
  content?: Record<string, object>
}

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'code', type: 'string', unique: true, required: true },
    { name: 'price', type: 'decimal' },
    { name: 'at', type: 'time' },
    { name: 'tags', type: 'enum', values: ['a', 'b'], many: true },
    { name: 'student', type: 'relation', entity: 'student' },
  ],
}

const MERGE = { prefer: 'resolution=merge-duplicates' }

const IGNORE = { prefer: 'resolution=ignore-duplicates' }

const THING_1 = { code: 'x', price: '1.50', at: '09:30', tags: ['a'] }

/** Method, path of the document, query, status, and what is sent. */
const SCENARIOS: [string, string, string, number, object?, object?][] = [
  ['GET', '/auth/me', '', 200],
  ['GET', '/auth/users', '', 200],
  ['GET', '/tenants', '', 200],
  ['POST', '/schemas/', '', 201, THING],
  ['POST', '/schemas/', '', 409, THING],
  ['POST', '/schemas/', '', 400, { entity_name: 'Thing', fields: [{ name: 'x', type: 'y' }] }],
  ['GET', '/schemas/', '', 200],
  ['GET', '/schemas/{entity}', '', 200],
  ['GET', '/schemas/{entity}', '', 304, undefined, { 'if-none-match': '*' }],
  ['GET', '/schemas/{entity}/json-schema', '', 200],
  ['GET', '/schemas/{entity}/json-schema', '', 304, undefined, { 'if-none-match': '*' }],
  ['PUT', '/schemas/{entity}', '', 412, THING, { 'if-match': '"9-9-9"' }],
  ['POST', '/thing/', '', 201, THING_1],
  ['POST', '/thing/', '', 201, [{ code: 'y' }, { code: 'z' }]],
  ['POST', '/thing/', '', 409, THING_1],
  ['POST', '/thing/', '', 400, [{ code: 5 }, { nope: 1 }]],
  ['POST', '/thing/', '', 207, [{ code: 'w' }, {}], { prefer: 'bulk=partial' }],
  ['POST', '/thing/', '?on_conflict=code', 200, { code: 'x', at: '10:00' }, MERGE],
  ['POST', '/thing/', '?on_conflict=code', 200, [{ code: 'x' }], MERGE],
  ['POST', '/thing/', '?on_conflict=code', 201, [{ code: 'x' }], IGNORE],
  ['POST', '/thing/', '?on_conflict=code', 204, { code: 'x' }, IGNORE],
  ['GET', '/thing/', '', 200],
  ['GET', '/thing/', '?limit=1', 206, undefined, { prefer: 'count=exact' }],
  ['GET', '/thing/', '?nope=eq.1', 400],
  ['GET', '/thing/', '', 406, undefined, { accept: 'image/png' }],
  ['GET', '/thing/', '?code=eq.nobody', 406, undefined, { accept: 'application/vnd.pgrst.object+json' }],
  ['PATCH', '/thing/', '?code=eq.x', 204, { price: '2' }],
  ['PATCH', '/thing/', '?code=eq.x', 200, { price: '2' }, { prefer: 'return=representation' }],
  ['DELETE', '/thing/', '', 400],
  ['GET', '/thing/{id}', '', 404],
  ['DELETE', '/thing/', '?code=eq.x', 204],
]

/** Says what is wrong with an answer by the document; undefined: nothing. */
function readDocument(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema(document, 'document')
  return (method: string, path: string, { statusCode, headers, body }: Answer): string | undefined => {
    const operation = document.paths[path]?.[method.toLowerCase() as 'get']
    let response = operation?.responses[statusCode] as Described | undefined
    if (response?.$ref) response = document.components.responses?.[response.$ref.split('/').at(-1) ?? '']
    if (response === undefined) return 'the status is not there'
    if (body === '') return response.content && 'a body was to be expected'
    const { schema } = Object(response.content?.[String(headers['content-type']).split(';')[0] ?? ''])
    if (schema === undefined) return `no media type ${headers['content-type']}`
    const whole = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'))
    return ajv.validate(whole, JSON.parse(body)) ? undefined : ajv.errorsText()
  }
}

t.test('every answer is one that the document describes', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', STUDENT)
  const missing = '01980000-0000-7000-8000-000000000000'
  const answers: [string, string, string, Answer][] = []
  for (const [method, path, query, status, body, headers] of SCENARIOS) {
    const url = `${path.replace('{entity}', 'thing').replace('{id}', missing)}${query}`
    const answer = await send(method as 'GET', url, body, headers)
    t.equal(answer.statusCode, status, `${method} ${url}: ${answer.body}`)
    answers.push([method, path, url, answer])
  }
  const check = readDocument((await send('GET', '/docs/json')).json())
  for (const [method, path, url, answer] of answers)
    t.equal(check(method, path, answer), undefined, `${method} ${url} ${answer.statusCode}`)
})
