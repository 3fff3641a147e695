// File fields of records: only a file that exists, that the caller may use, and that has a type and size the field takes.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Field } from '../../lib/fields/field.ts'
import { checkFileValues, fileValuesOf } from '../../lib/files/file-values-store.ts'
import type { StoredFile } from '../../lib/files/stored-file.ts'
import { addUser, as } from '../support/app.ts'
import { startFiles, upload } from '../support/files/app.ts'

const file = (facts: Partial<StoredFile>): StoredFile => ({
  id: randomUUID(),
  filename: 'x',
  contentType: 'image/png',
  charset: 'utf-8',
  size: 100,
  sha256: '',
  createdAt: '',
  createdBy: null,
  ...facts,
})

const rules: { options: object; facts: Partial<StoredFile>; broken: string[] }[] = [
  { options: {}, facts: {}, broken: [] },
  { options: { mime_types: ['image/png'] }, facts: {}, broken: [] },
  { options: { mime_types: ['text/plain', 'image/*'] }, facts: {}, broken: [] },
  { options: { mime_types: ['image/*'] }, facts: { contentType: 'application/pdf' }, broken: ['mime_types'] },
  { options: { mime_types: ['image/p'] }, facts: {}, broken: ['mime_types'] },
  { options: { mime_types: ['image/jpeg'] }, facts: {}, broken: ['mime_types'] },
  { options: { max_size: 100 }, facts: {}, broken: [] },
  { options: { max_size: 99 }, facts: {}, broken: ['max_size'] },
  { options: { max_size: 1, mime_types: ['text/*'] }, facts: {}, broken: ['mime_types', 'max_size'] },
]

for (const { options, facts, broken } of rules) {
  t.test(`${JSON.stringify(options)} takes ${JSON.stringify(facts)} but for ${broken}`, async (t) => {
    const stored = file(facts)
    const field: Field = { name: 'photo', key: 'k', type: 'file', ...options }
    const values = fileValuesOf([field], { k: stored.id }, 7)
    const violations = checkFileValues(values, new Map([[stored.id, stored]]))
    t.same(
      violations.map(({ keyword }) => keyword),
      broken,
    )
    for (const violation of violations) t.match(violation, { pointer: '/photo', row: 7, message: /must / })
  })
}

t.test('files inside lists and objects are found', async (t) => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()]
  const inner = { name: 'scan', key: 'scan', type: 'file', max_size: 5 }
  const fields: Field[] = [
    { name: 'papers', key: 'p', type: 'file', many: true },
    { name: 'box', key: 'b', type: 'object', fields: [inner] },
    { name: 'name', key: 'n', type: 'string' },
  ]
  const values = fileValuesOf(fields, { p: [a, b], b: { scan: c }, n: randomUUID() })
  t.match(values, [
    { pointer: '/papers', ids: [a, b], field: { name: 'papers' } },
    { pointer: '/box', ids: [c], field: { max_size: 5 } },
  ])
  t.same(fileValuesOf(fields, { p: null }), [])
  t.match(checkFileValues(values, new Map()), [
    { pointer: '/papers', keyword: 'reference', message: new RegExp(a) },
    { pointer: '/papers', keyword: 'reference', message: new RegExp(b) },
    { pointer: '/box', keyword: 'reference', message: new RegExp(c) },
  ])
})

const student = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'photo', type: 'file', mime_types: ['text/*'], max_size: 10 },
    { name: 'papers', type: 'file', many: true },
  ],
}

async function startStudents(t: Test) {
  const { app, admin } = await startFiles(t)
  await as(app, admin)('POST', '/schemas', student)
  const alice = (await addUser(app, 'alice', 'user')).tokens.access_token
  const bob = (await addUser(app, 'bob', 'user')).tokens.access_token
  return { app, admin, alice, bob }
}

const create = (app: FastifyInstance, token: string, body: object) => as(app, token)('POST', '/student', body)

t.test('records with files', async (t) => {
  const { app, admin, alice, bob } = await startStudents(t)
  const good = await upload(app, alice, { content: 'short' })
  const long = await upload(app, alice, { content: 'longer than ten bytes' })
  const binary = await upload(app, alice, { filename: 'x', content: Buffer.from([0, 1, 2]) })

  t.test('every rule that a file breaks is told at once', async (t) => {
    const ghost = randomUUID()
    const answer = await create(app, alice, { photo: long.id, papers: [ghost, good.id] })
    t.equal(answer.statusCode, 400)
    t.match(answer.json().errors, [
      { pointer: '/photo', keyword: 'max_size' },
      { pointer: '/papers', keyword: 'reference', message: new RegExp(ghost) },
    ])
    const wrong = await create(app, alice, { photo: binary.id })
    t.match(wrong.json().errors, [{ pointer: '/photo', keyword: 'mime_types' }])
    const rows = await create(app, alice, [{ photo: good.id }, { photo: binary.id }] as unknown as object)
    t.match(rows.json().errors, [{ row: 1, pointer: '/photo' }])
  })

  t.test('nobody puts a file into a record that he may not read', async (t) => {
    const answer = await create(app, bob, { papers: [binary.id] })
    t.equal(answer.statusCode, 400)
    t.match(answer.json().errors, [{ pointer: '/papers', keyword: 'reference' }])
    t.equal((await as(app, bob)('GET', binary.url)).statusCode, 404, 'nor does he get at it this way')
    t.equal((await create(app, admin, { papers: [binary.id] })).statusCode, 201)
    t.equal((await create(app, bob, { papers: [binary.id] })).statusCode, 201, 'now he reads it in a record')
  })

  t.test('a change is held to the same rules', async (t) => {
    const { id } = (await create(app, alice, { name: 'A', photo: good.id })).json()
    const change = (method: 'PUT' | 'PATCH', body: object) => as(app, alice)(method, `/student/${id}`, body)
    t.equal((await change('PATCH', { photo: long.id })).statusCode, 400)
    t.equal((await change('PUT', { photo: randomUUID() })).statusCode, 400)
    t.equal((await change('PATCH', { name: 'B' })).json().photo, good.id)
    t.equal((await change('PUT', { name: 'B', photo: good.id })).statusCode, 200)
    t.equal((await change('PATCH', { photo: null })).json().photo, null)
  })
})
