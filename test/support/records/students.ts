// The server that the contract of records is held on: an entity, three callers, a record of the admin's and one of Bob's.
import type { Test } from 'tap'
import { ADMIN, addUser, as, signIn, startWithAdmin } from '../app.ts'
import { tagsOf } from './versions.ts'

const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string', required: true, max_length: 50 },
    { name: 'age', type: 'integer', min: 0 },
    { name: 'email', type: 'email', unique: true },
    { name: 'level', type: 'enum', values: ['a', 'b'], default: 'a' },
    { name: 'meta', type: 'json' },
  ],
}

/** An id that no record has. */
export const MISSING = '01980000-0000-7000-8000-000000000000'

export const JSON_TYPE = { 'content-type': 'application/json' }

/** What every answer about records says to caches. */
export const PRIVATE = { vary: /Authorization/, 'cache-control': 'private, no-cache' }

export const BODY_LIMIT = 20_000

export async function startStudents(test: Test) {
  const { app, database } = await startWithAdmin(test, { BODY_LIMIT })
  const alice = await addUser(app, 'alice', 'user')
  const bob = await addUser(app, 'bob', 'user')
  const admin = (await signIn(app, ADMIN.username, ADMIN.password)).access_token
  const callers = { admin, alice: alice.tokens.access_token, bob: bob.tokens.access_token }
  const byAdmin = as(app, admin)
  await byAdmin('POST', '/schemas', STUDENT)
  const made = await byAdmin('POST', '/student', { name: 'Ann', email: 'ann@example.com' })
  const bobs = await as(app, callers.bob)('POST', '/student', { name: "Bob's" })
  const ann = made.json()
  const tagAt = await tagsOf(app, database, ann.id)
  return { app, callers, alice, ann, etag: String(made.headers.etag), tagAt, bobs: bobs.json() }
}
