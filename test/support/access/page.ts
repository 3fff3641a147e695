// What the tests of callers without a token share: an entity with a page in it, and a server that has it.
import type { Test } from 'tap'
import { as, asAdmin, signIn } from '../app.ts'
import { startFiles } from '../files/app.ts'
import { visitor } from './workload.ts'

export const PAGE = {
  entity_name: 'page',
  fields: [
    { name: 'title', type: 'string' },
    { name: 'slug', type: 'string', unique: true },
    { name: 'draft', type: 'boolean', default: false },
    { name: 'secret', type: 'string' },
    { name: 'author', type: 'relation', entity: 'person' },
    { name: 'picture', type: 'file' },
  ],
}

export const PERSON = { entity_name: 'person', fields: [{ name: 'name', type: 'string' }] }

export const PASSWORD = 'a password'

export async function start(test: Test) {
  const { app, database } = await startFiles(test)
  const operator = await asAdmin(app)
  await operator('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password: PASSWORD } })
  const admin = as(app, (await signIn(app, 'acme/boss', PASSWORD)).access_token)
  for (const entity of [PERSON, PAGE]) await admin('POST', '/schemas', entity)
  const open = (permission: object, entity = 'page') =>
    admin('PUT', `/schemas/${entity}/permissions/anonymous`, permission)
  return { app, database, operator, admin, open, visit: visitor(app, 'acme') }
}

export const ALL = { read: true, create: true, update: true, delete: true }
