// The API keys of the caller's tenant, for its admins: what programs sign in with.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { validate as isUuid } from 'uuid'
import {
  type ApiKey,
  createKey,
  deleteKey,
  type NewKey,
  selectKey,
  selectKeys,
  toKey,
} from '../../lib/auth/api-key-store.ts'
import { refuseOperatorRole } from '../../lib/auth/user-store.ts'
import { errors } from '../../lib/errors.ts'
import { page, readPage } from '../paging.ts'
import { key, madeKey, newKey, one } from './key-schemas.ts'

const routes: RouteOptions[] = [
  {
    method: 'POST',
    url: '/auth/keys',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'createKey',
      summary: 'Make an API key',
      description: 'The answer holds the key itself, this once. It is sent as a bearer token.',
      body: newKey,
      response: { 201: { description: 'The key', ...madeKey } },
    },
    handler: create,
  },
  {
    method: 'GET',
    url: '/auth/keys',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'listKeys',
      summary: 'The API keys of the tenant, oldest first',
      querystring: page,
      response: { 200: { description: 'A page of keys', type: 'array', items: key } },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/auth/keys/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'getKey',
      summary: 'One API key',
      params: one,
      response: { 200: { description: 'The key, without its secret', ...key } },
      refusals: ['keyNotFound'],
    },
    handler: read,
  },
  {
    method: 'DELETE',
    url: '/auth/keys/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'deleteKey',
      summary: 'Revoke an API key',
      description: 'In force from the next request on.',
      params: one,
      response: { 204: { description: 'Revoked', type: 'null' } },
      refusals: ['keyNotFound'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function keys(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route)
}

async function create({ body, caller, server }: FastifyRequest, reply: FastifyReply) {
  const wanted = body as NewKey
  refuseOperatorRole(caller, wanted.role)
  const made = await server.db.transaction(caller.tenant, 'metadata', (tx) => createKey(tx, caller, wanted))
  reply.code(201).header('location', `/auth/keys/${made.key.id}`).header('cache-control', 'no-store')
  return { ...toBody(made.key), key: made.text }
}

async function list(request: FastifyRequest, reply: FastifyReply) {
  const { tenant } = request.caller
  const rows = await readPage(request, reply, (limit, offset) =>
    request.server.db.read(tenant, selectKeys(tenant.id, limit, offset)),
  )
  return rows.map((row) => toBody(toKey(row)))
}

async function read(request: FastifyRequest) {
  const { tenant } = request.caller
  const [row] = await request.server.db.read(tenant, selectKey(tenant.id, idOf(request)))
  if (row === undefined) throw errors.keyNotFound()
  return toBody(toKey(row))
}

async function remove(request: FastifyRequest, reply: FastifyReply) {
  const id = idOf(request)
  const { caller, server } = request
  await server.db.transaction(caller.tenant, 'metadata', (tx) => deleteKey(tx, caller, id))
  reply.code(204)
}

function toBody({ id, name, role, createdBy, createdAt, expiresAt, lastUsedAt }: ApiKey) {
  return {
    id,
    name,
    role,
    created_by: createdBy,
    created_at: createdAt,
    expires_at: expiresAt,
    last_used_at: lastUsedAt,
  }
}

/** An id that is none names no key. */
function idOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string }
  if (!isUuid(id)) throw errors.keyNotFound()
  return id.toLowerCase()
}
