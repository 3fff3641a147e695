// What others do with the document: Redocly lints it, openapi-typescript makes a client's types of it.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { compile, typesOf } from '../support/docs/recipes.ts'
import { EVERYTHING, STUDENT } from '../support/docs/sample.ts'

const run = promisify(execFile)

const REDOCLY = 'node_modules/@redocly/cli/bin/cli.js'

const RATED = {
  entity_name: 'rated',
  fields: [{ name: 'stars', type: 'integer', required: true, default: 0 }],
}

/** What a client would write; the lines that TypeScript must refuse are marked. */
const CLIENT = `
import type { components, operations } from './api'
type Schemas = components['schemas']
export const made: Schemas['student.create'] = { name: 'Alice', age: 20 }
export const unset: Schemas['student.patch'] = { age: null }
export const answer = (student: Schemas['student']): [string, string, number | null, string] =>
  [student.id, student.name, student.age, student.created_at]
export const query: operations['list_student']['parameters']['query'] = { age: ['gte.18', 'lt.65'], order: 'name.asc', limit: 5 }
export const defaults: Schemas['rated.create'] = {}
export const stars = (rated: Schemas['rated']): number => rated.stars
export const link: Schemas['Univera-EntityDefinition']['fields'][0] = { name: 'c', type: 'relation', entity: 'course' }
// @ts-expect-error: name is required
export const nameless: Schemas['student.create'] = { age: 20 }
// @ts-expect-error: there is no such field
export const unknown: Schemas['student.create'] = { name: 'Alice', colour: 'red' }
`

t.test('the documents of an anonymous reader, a user and an admin', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  for (const entity of [STUDENT, EVERYTHING, RATED])
    t.equal((await admin('POST', '/schemas/', entity)).statusCode, 201, entity.entity_name)
  const folder = t.testdir({})
  await writeFile(join(folder, 'anonymous.json'), (await app.inject('/docs/json')).body)
  const document = (await admin('GET', '/docs/json')).body
  await writeFile(join(folder, 'admin.json'), document)

  t.test('have no flaw that Redocly knows of', async (t) => {
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    for (const name of ['anonymous.json', 'admin.json']) {
      const file = join(folder, name)
      const { stdout } = await run(process.execPath, [REDOCLY, 'lint', '--format', 'json', file], { env })
      t.strictSame(JSON.parse(stdout).problems, [], name)
    }
  })

  t.test('give a client the types of the entities', async (t) => {
    await writeFile(join(folder, 'api.d.ts'), await typesOf(document))
    await writeFile(join(folder, 'client.ts'), CLIENT)
    t.equal(await compile(folder, ['client.ts']), '')
  })
})
