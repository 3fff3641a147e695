// A listening server with a small school, for clients that others wrote: teachers, their courses, students who take them.

import type { AddressInfo } from 'node:net'
import { PostgrestClient } from '@supabase/postgrest-js'
import type { Test } from 'tap'
import type { Settings } from '../../../lib/config.ts'
import { ADMIN, addUser, as, signIn, startWithAdmin } from '../app.ts'

const TEACHER = {
  entity_name: 'teacher',
  fields: [
    { name: 'name', type: 'string', required: true },
    { name: 'room', type: 'string' },
  ],
}

const COURSE = {
  entity_name: 'course',
  fields: [
    { name: 'title', type: 'string', required: true },
    { name: 'hours', type: 'integer' },
    { name: 'fee', type: 'decimal' },
    { name: 'teacher', type: 'relation', entity: 'teacher' },
  ],
}

const STUDENT = {
  entity_name: 'student',
  unique: [['name', 'class']],
  fields: [
    { name: 'name', type: 'string', required: true },
    { name: 'class', type: 'string' },
    { name: 'age', type: 'integer', min: 0 },
    { name: 'email', type: 'email', unique: true },
    { name: 'level', type: 'enum', values: ['a', 'b'], default: 'a' },
    { name: 'active', type: 'boolean' },
    { name: 'tags', type: 'array', items: { type: 'string' } },
    { name: 'meta', type: 'json' },
    { name: 'courses', type: 'relation', entity: 'course', many: true },
  ],
}

/** Ada teaches Math (4 hours) and Art (2), Bob teaches Sport (2); nobody teaches Void. */
async function enrol(client: PostgrestClient) {
  const teachers = await client
    .from('teacher')
    .insert([{ name: 'Ada' }, { name: 'Bob' }])
    .select()
  const [ada, bob] = teachers.data?.map(({ id }) => id) ?? []
  const courses = await client
    .from('course')
    .insert([
      { title: 'Math', hours: 4, fee: '10.10', teacher: ada },
      { title: 'Art', hours: 2, fee: '0.20', teacher: ada },
      { title: 'Sport', hours: 2, teacher: bob },
      { title: 'Void' },
    ])
    .select()
  const [math, art, sport] = courses.data?.map(({ id }) => id) ?? []
  const students = await client
    .from('student')
    .insert([
      {
        name: 'Eve',
        age: 20,
        email: 'eve@example.com',
        active: true,
        tags: ['x', 'y'],
        courses: [math, art],
      },
      { name: 'Fay', age: 9, active: false, tags: ['y'], meta: { a: { b: 1 } }, courses: [art] },
      { name: 'Gus', age: 10, tags: [], meta: { a: 'text' }, courses: [sport] },
      { name: 'van der Berg, (Hal)', class: '1', level: 'b' },
    ])
    .select()
  return { ada, bob, math, art, sport, students: students.data ?? [] }
}

/** The school, a client that is signed in as its admin, and a way to have others. */
export async function startSchool(test: Test, settings: Partial<Settings> = {}) {
  const { app } = await startWithAdmin(test, settings)
  const base = await listen(test, app)
  const { access_token: token } = await signIn(app, ADMIN.username, ADMIN.password)
  const send = as(app, token)
  for (const definition of [TEACHER, COURSE, STUDENT]) await send('POST', '/schemas/', definition)
  const clientOf = (owner: string) =>
    new PostgrestClient(base, { headers: { Authorization: `Bearer ${owner}` } })
  const client = clientOf(token)
  const addClient = async (name: string) => clientOf((await addUser(app, name, 'user')).tokens.access_token)
  return { app, base, token, send, client, addClient, ...(await enrol(client)) }
}

async function listen(test: Test, app: Awaited<ReturnType<typeof startWithAdmin>>['app']): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  test.teardown(() => app.server.closeAllConnections())
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}
