// What the tests of the contract of /schemas share: an entity, and a server with an admin and a user who call it.
import type { Test } from 'tap'
import { ADMIN, addUser, signIn, startWithAdmin } from '../app.ts'
import { type Scenario, send } from '../scenario.ts'

export const STUDENT = {
  entity_name: 'student',
  label: 'Student',
  fields: [
    { name: 'name', type: 'str', required: true, label: 'Name', ui: { order: 1, __proto__: null } },
    { name: 'age', type: 'int', default: 18 },
    { name: 'tags', type: 'array', items: { type: 'string' }, max_items: 3 },
    { name: 'home', type: 'object', fields: [{ name: 'city', type: 'string' }] },
  ],
  unique: [['name', 'age']],
}

export const JSON_TYPE = { 'content-type': 'application/json' }

/** A refusal that points there. */
export const refused = (pointer: string) => ({ errors: [{ pointer }] })

export async function startCallers(test: Test) {
  const { app } = await startWithAdmin(test)
  const admin = (await signIn(app, ADMIN.username, ADMIN.password)).access_token
  const alice = (await addUser(app, 'alice', 'user')).tokens.access_token
  const callers = { admin, alice }
  const define = (body: object) => send(app, callers, { as: 'admin', method: 'POST', url: '/schemas', body })
  return { app, callers, define }
}

/** A POST of the admin to /schemas/. */
export const create = (row: Partial<Scenario> & Pick<Scenario, 'name' | 'status'>): Scenario => ({
  as: 'admin',
  method: 'POST',
  url: '/schemas/',
  ...row,
})
