// The HTTP contract of GET and HEAD, of methods that are not there, and of callers who are not signed in.
import t from 'tap'
import { BODY_LIMIT, JSON_TYPE, MISSING, PRIVATE, startStudents } from '../support/records/students.ts'
import { runScenarios, type Scenario } from '../support/scenario.ts'

t.test('records are read over HTTP', async (t) => {
  const { app, callers, ann, etag } = await startStudents(t)
  const one = `/student/${ann.id}`
  const read: Scenario[] = [
    {
      name: 'a record',
      as: 'admin',
      method: 'GET',
      url: one,
      status: 200,
      match: ann,
      has: { etag, ...PRIVATE },
    },
    { name: 'with a slash', as: 'bob', method: 'GET', url: `${one}/`, status: 200, match: ann },
    {
      name: 'its id in capitals',
      as: 'bob',
      method: 'GET',
      url: `/student/${ann.id.toUpperCase()}`,
      status: 200,
      match: { id: ann.id },
    },
    {
      name: 'its head alone',
      as: 'bob',
      method: 'HEAD',
      url: one,
      status: 200,
      match: null,
      has: { 'content-type': /json/, etag: /"/ },
    },
    {
      name: 'the head of a list',
      as: 'bob',
      method: 'HEAD',
      url: '/student/',
      status: 200,
      match: null,
      has: { 'content-range': /^0-/ },
    },
    {
      name: 'a copy that is still good',
      as: 'admin',
      method: 'GET',
      url: one,
      headers: { 'if-none-match': etag },
      status: 304,
      match: null,
      has: { etag, ...PRIVATE, 'content-type': undefined },
    },
    {
      name: 'one of several copies',
      as: 'admin',
      method: 'GET',
      url: one,
      headers: { 'if-none-match': `"x", W/${etag}` },
      status: 304,
    },
    {
      name: 'any copy',
      as: 'admin',
      method: 'GET',
      url: one,
      headers: { 'if-none-match': '*' },
      status: 304,
    },
    {
      name: 'an old copy',
      as: 'admin',
      method: 'GET',
      url: one,
      headers: { 'if-none-match': '"0-1-x"' },
      status: 200,
      match: ann,
    },
    {
      name: "another role's copy",
      as: 'alice',
      method: 'GET',
      url: one,
      headers: { 'if-none-match': etag },
      status: 200,
    },
    { name: 'no such record', as: 'bob', method: 'GET', url: `/student/${MISSING}`, status: 404 },
    {
      name: 'no id',
      as: 'bob',
      method: 'GET',
      url: '/student/1',
      status: 404,
      match: { code: 'record_not_found' },
    },
    { name: 'an id with U+0000', as: 'bob', method: 'GET', url: '/student/%00', status: 404 },
    {
      name: 'an id of 300 characters',
      as: 'bob',
      method: 'GET',
      url: `/student/${'a'.repeat(300)}`,
      status: 404,
    },
    {
      name: 'an entity of 300 characters',
      as: 'bob',
      method: 'GET',
      url: `/${'a'.repeat(300)}`,
      status: 404,
    },
    { name: 'an entity with U+0000', as: 'bob', method: 'GET', url: '/%00', status: 404 },
    { name: 'an entity called __proto__', as: 'bob', method: 'GET', url: '/__proto__', status: 404 },
    { name: 'an entity called constructor', as: 'bob', method: 'GET', url: '/constructor/', status: 404 },
    { name: 'an entity in capitals', as: 'bob', method: 'GET', url: '/STUDENT/', status: 404 },
    { name: 'a path that is no UTF-8', as: 'bob', method: 'GET', url: '/student/%ff', status: 400 },
    { name: 'half a percent sign', as: 'bob', method: 'GET', url: '/%', status: 400 },
    { name: 'a path without meaning', as: 'bob', method: 'GET', url: '/student/a/b/c', status: 404 },
  ]
  await runScenarios(t, app, callers, read)

  const methods: Scenario[] = [
    ['PUT', '/student/', 'DELETE, GET, HEAD, PATCH, POST'],
    ['PUT', '/student', 'DELETE, GET, HEAD, PATCH, POST'],
    ['POST', one, 'DELETE, GET, HEAD, PATCH, PUT'],
    ['POST', `${one}/`, 'DELETE, GET, HEAD, PATCH, PUT'],
    ['PATCH', '/auth/token', 'POST'],
    ['GET', '/auth/token', 'POST'],
    ['DELETE', '/health/live', 'GET, HEAD'],
    ['POST', '/schemas/student', 'DELETE, GET, HEAD, PUT'],
    ['PATCH', '/schemas', 'GET, HEAD, POST'],
    ['DELETE', '/schemas/student/json-schema', 'GET, HEAD'],
  ].flatMap(([method, url, allow]) =>
    ['admin', undefined].map((as) => ({
      name: `a method that is not there, by ${as ?? 'nobody'}`,
      ...(as === undefined ? {} : { as }),
      method: method as string,
      url: url as string,
      body: {},
      status: 405,
      match: { code: 'method_not_allowed' },
      has: { allow },
    })),
  )
  await runScenarios(t, app, callers, methods)
  await runScenarios(
    t,
    app,
    callers,
    ['/auth/nope', '/health', '/schemas/a/b', '/docs/nope', '/a/b/c'].map((url) => ({
      name: 'nothing is here',
      method: 'GET',
      url,
      status: 404,
    })),
  )

  const anonymous: Scenario[] = [
    ['GET', '/student/'],
    ['POST', '/student/'],
    ['GET', one],
    ['PUT', one],
    ['PATCH', one],
    ['DELETE', one],
    ['GET', '/teacher/'],
    ['POST', '/teacher/'],
  ].map(([method, url]) => ({
    name: 'nobody, with a bad body',
    method: method as string,
    url: url as string,
    body: { nope: 1 },
    status: 401,
    match: { code: 'unauthenticated' },
    has: { 'www-authenticate': 'Bearer' },
  }))
  await runScenarios(t, app, callers, anonymous)
  await runScenarios(t, app, callers, [
    {
      name: 'nobody, with no JSON at all',
      method: 'POST',
      url: '/student/',
      headers: JSON_TYPE,
      body: '{',
      status: 401,
    },
    {
      name: 'nobody, with too large a body',
      method: 'POST',
      url: '/student/',
      body: { name: 'y'.repeat(BODY_LIMIT) },
      status: 401,
    },
    {
      name: 'a token that is none',
      method: 'GET',
      url: '/student/',
      headers: { authorization: 'Bearer x.y.z' },
      status: 401,
      has: { 'www-authenticate': 'Bearer' },
    },
  ])
})
