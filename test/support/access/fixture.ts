// What the rows of the route matrix are about: a fresh thing of each kind for every request, in the tenant `default`.
// Records and files are the user's own.
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { as } from '../app.ts'
import { upload } from '../files/app.ts'

type Send = ReturnType<typeof as>

type Make = (known: Readonly<Record<string, string>>) => Promise<string> | string

/** The tokens of the callers who own the things. */
export interface Owners {
  user: string
  operator: string
}

const unique = () => `x${randomBytes(8).toString('hex')}`

async function made(answer: ReturnType<Send>, key: string): Promise<string> {
  const { statusCode, body, json } = await answer
  if (statusCode !== 201) throw new Error(body)
  return json()[key]
}

/** How each placeholder gets its value, given those that are needed before it. */
function makers(app: FastifyInstance, tokens: Owners): Record<string, Make> {
  const user = as(app, tokens.user)
  const operator = as(app, tokens.operator)
  const password = 'a password'
  return {
    new: unique,
    tenant: () =>
      made(operator('POST', '/tenants', { name: unique(), admin: { username: 'a', password } }), 'name'),
    user: () => made(operator('POST', '/auth/users', { username: unique(), password, role: 'user' }), 'id'),
    key: () => made(operator('POST', '/auth/keys', { name: unique(), role: 'user' }), 'id'),
    file: async () => (await upload(app, tokens.user, { content: 'hello' })).id,
    entity: () => {
      const fields = [{ name: 'title', type: 'string' }]
      return made(operator('POST', '/schemas/', { entity_name: unique(), fields }), 'entity_name')
    },
    log: () => {
      const definition = { fields: [{ name: 'title', type: 'string' }], history: true, feed: true }
      return made(operator('POST', '/schemas/', { entity_name: unique(), ...definition }), 'entity_name')
    },
    deleted: async ({ log }) => {
      const id = await made(user('POST', `/${log}/`, { title: 'old' }), 'id')
      await user('DELETE', `/${log}/${id}`)
      return id
    },
    record: ({ entity }) => made(user('POST', `/${entity}/`, { title: 'old' }), 'id'),
  }
}

const ALL = { read: true, create: true, update: true, delete: true }

/**
 * Replaces each placeholder of a text by a new thing; one that occurs twice is the same thing. An entity is closed to
 * callers without a token, or wide open.
 */
export function fixture(app: FastifyInstance, owners: Owners) {
  const makes = makers(app, owners)
  const operator = as(app, owners.operator)
  return async (text: string, open: boolean): Promise<string> => {
    const known: Record<string, string> = {}
    for (const [name, make] of Object.entries(makes))
      if (text.includes(`{${name}}`)) known[name] = await make(known)
    for (const entity of [known.entity, known.log])
      if (open && entity !== undefined) await operator('PUT', `/schemas/${entity}/permissions/anonymous`, ALL)
    return text.replace(/\{(\w+)\}/g, (whole, name) => known[name] ?? whole)
  }
}
