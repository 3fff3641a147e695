// The HTTP contract of entities that are there: who reads, replaces and deletes them, and what stands against it.
import t from 'tap'
import { runScenarios, send } from '../../support/scenario.ts'
import { create, JSON_TYPE, refused, STUDENT, startCallers } from '../../support/schema/contract.ts'

t.test('entities that are there, over HTTP', async (t) => {
  const { app, callers, define } = await startCallers(t)
  await define(STUDENT)
  await define({ entity_name: 'void', fields: [] })
  const first = await send(app, callers, { as: 'alice', method: 'GET', url: '/schemas/student' })
  const etag = String(first.headers.etag)
  const definition = first.json()
  const one = '/schemas/student'
  await runScenarios(t, app, callers, [
    {
      name: 'a user reads all',
      as: 'alice',
      method: 'GET',
      url: '/schemas/',
      status: 200,
      match: [{ entity_name: 'student' }, { entity_name: 'void' }],
    },
    {
      name: 'and one',
      as: 'alice',
      method: 'GET',
      url: `${one}/`,
      status: 200,
      match: definition,
      has: { etag },
    },
    { name: 'its head', as: 'alice', method: 'HEAD', url: one, status: 200, match: null },
    {
      name: 'a good copy',
      as: 'alice',
      method: 'GET',
      url: one,
      headers: { 'if-none-match': etag },
      status: 304,
      match: null,
    },
    {
      name: 'one that is not there',
      as: 'alice',
      method: 'GET',
      url: '/schemas/teacher',
      status: 404,
      match: { code: 'entity_not_found' },
    },
    { name: 'one that cannot be', as: 'alice', method: 'GET', url: '/schemas/%00', status: 404 },
    { name: 'one that cannot be', as: 'admin', method: 'DELETE', url: '/schemas/%00', status: 404 },
    {
      name: 'one that cannot be',
      as: 'admin',
      method: 'PUT',
      url: '/schemas/__proto__',
      body: STUDENT,
      status: 404,
    },
    {
      name: 'the JSON Schema of a record',
      as: 'alice',
      method: 'GET',
      url: `${one}/json-schema/`,
      status: 200,
      match: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: { id: { format: 'uuid' }, name: { type: 'string' }, age: { type: ['integer', 'null'] } },
      },
      has: { etag, 'content-type': /^application\/schema\+json/, vary: /Authorization/ },
    },
    {
      name: 'a good copy of it',
      as: 'alice',
      method: 'GET',
      url: `${one}/json-schema`,
      headers: { 'if-none-match': etag },
      status: 304,
      match: null,
    },
    { name: 'of none', as: 'alice', method: 'GET', url: '/schemas/teacher/json-schema', status: 404 },
    { name: 'a user replaces nothing', as: 'alice', method: 'PUT', url: one, body: { nope: 1 }, status: 403 },
    { name: 'a user deletes nothing', as: 'alice', method: 'DELETE', url: one, status: 403 },
    {
      name: 'PUT of what is not there',
      as: 'admin',
      method: 'PUT',
      url: '/schemas/teacher',
      body: { fields: [] },
      status: 404,
    },
    { name: 'PUT of nonsense', as: 'admin', method: 'PUT', url: one, body: { fields: 3 }, status: 400 },
    {
      name: 'PUT of another name',
      as: 'admin',
      method: 'PUT',
      url: one,
      body: { ...STUDENT, entity_name: 'pupil' },
      status: 400,
      match: refused('/entity_name'),
    },
    {
      name: 'PUT takes what GET gives',
      as: 'admin',
      method: 'PUT',
      url: `${one}/`,
      headers: { 'if-match': etag },
      body: definition,
      status: 200,
      match: { ...definition, version: 2, updated_at: /Z$/ },
      has: { etag: /^"2-/ },
    },
    {
      name: 'PUT of an old version',
      as: 'admin',
      method: 'PUT',
      url: one,
      headers: { 'if-match': etag },
      body: definition,
      status: 412,
      match: { code: 'schema_changed' },
    },
    {
      name: 'PUT without the name',
      as: 'admin',
      method: 'PUT',
      url: one,
      headers: { 'if-match': '*' },
      body: { fields: definition.fields },
      status: 200,
      match: { version: 3, label: null, unique: [] },
    },
    {
      name: 'DELETE of an old version',
      as: 'admin',
      method: 'DELETE',
      url: one,
      headers: { 'if-match': etag },
      status: 412,
    },
  ])

  await define({
    entity_name: 'course',
    fields: [{ name: 'who', type: 'relation', entity: 'student', many: true }],
  })
  const nested = { name: 'seats', type: 'array', items: { type: 'relation', entity: 'student' } }
  await define({ entity_name: 'room', fields: [nested] })
  await runScenarios(t, app, callers, [
    {
      name: 'what others refer to stays',
      as: 'admin',
      method: 'DELETE',
      url: one,
      status: 409,
      match: { code: 'entity_referenced', detail: /course, room/ },
    },
    {
      name: 'they go first',
      as: 'admin',
      method: 'DELETE',
      url: '/schemas/course/',
      headers: JSON_TYPE,
      status: 204,
      match: null,
    },
    { name: 'both of them', as: 'admin', method: 'DELETE', url: '/schemas/room', status: 204 },
    { name: 'then it goes', as: 'admin', method: 'DELETE', url: one, status: 204 },
    { name: 'its records with it', as: 'admin', method: 'GET', url: '/student/', status: 404 },
    { name: 'and is gone', as: 'admin', method: 'DELETE', url: one, status: 404 },
    create({ name: 'the name is free again', body: STUDENT, status: 201, match: { version: 1 } }),
    {
      name: 'and its records start anew',
      as: 'alice',
      method: 'GET',
      url: '/student/',
      status: 200,
      match: [],
    },
  ])
})
