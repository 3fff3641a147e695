// A tenant with something of everything that is carried to another server.
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { as, asAdmin } from '../app.ts'
import { startFiles, upload } from '../files/app.ts'

export const PASSWORD = 'correct-horse-2'

/** Signs in to a tenant. */
export async function member(app: FastifyInstance, login: string) {
  const answer = await app.inject({
    method: 'POST',
    url: '/auth/token',
    payload: { username: login, password: PASSWORD },
  })
  if (answer.statusCode !== 200) throw new Error(answer.body)
  const { access_token } = answer.json()
  return { token: access_token as string, send: as(app, access_token) }
}

/** A server with the tenant `school` of the admin `ada`. */
export async function startSchool(t: Test) {
  const { app, database } = await startFiles(t)
  const operator = await asAdmin(app)
  const quotas = { records: 1000, entities: 20 }
  await operator('POST', '/tenants', {
    name: 'school',
    admin: { username: 'ada', password: PASSWORD },
    quotas,
  })
  const { send: sendAny, token } = await member(app, 'school/ada')
  const send: typeof sendAny = async (...request) => {
    const answer = await sendAny(...request)
    if (answer.statusCode >= 400 && request[0] !== 'GET') throw new Error(answer.body)
    return answer
  }
  await send('PUT', '/auth/roles/teacher', { description: 'Teaches' })
  await send('POST', '/auth/users', { username: 'bob', password: PASSWORD, role: 'teacher' })
  await send('POST', '/schemas', {
    entity_name: 'student',
    label: 'Students',
    fields: [
      { name: 'name', type: 'string', required: true, max_length: 100 },
      { name: 'mail', type: 'email', unique: true },
      { name: 'age', type: 'integer', indexed: true },
      { name: 'photo', type: 'file' },
      { name: 'friend', type: 'relation', entity: 'student' },
      { name: 'address', type: 'object', fields: [{ name: 'city', type: 'string' }] },
    ],
  })
  const photo = await upload(app, token, { filename: 'ü.txt', content: 'a photo' })
  const first = (
    await send('POST', '/student', { name: 'Ada', mail: 'a@b.c', age: 7, photo: photo.id })
  ).json()
  const second = { name: 'Bob 😀', age: 12, friend: first.id, address: { city: 'Köln' } }
  await send('POST', '/student', second)
  await send('POST', '/schemas', {
    entity_name: 'old',
    fields: [
      { name: 'a', type: 'text' },
      { name: 'b', type: 'text' },
    ],
  })
  await send('PUT', '/schemas/old', { fields: [{ name: 'b', type: 'text' }] })
  await send('POST', '/old', { b: 'kept' })
  await send('POST', '/schemas', { entity_name: 'gone', fields: [] })
  await send('DELETE', '/schemas/gone')
  await send('PUT', '/schemas/student/permissions/teacher', {
    read: 'age=gte.10',
    create: false,
    update: false,
    delete: false,
    fields: { read: ['name', 'age'] },
  })
  return { app, database, photo, operator, send: sendAny }
}
