// The API keys of the caller's tenant, which programs sign in with; for its admins.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createKey, findKey, listKeys, removeKey } from '../../lib/auth/admin/keys-store.ts'
import type { ApiKey } from '../../lib/auth/api-key-store.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { type PageRequest, page, readPage } from '../paging.ts'
import { idOf, pathId } from '../path-id.ts'
import { key, madeKey, newKey } from './key-schemas.ts'

interface NewKeyBody {
  name: string
  role: string
  expires_at?: string | null
}

type KeyRequest = FastifyRequest<{ Params: { id: string } }>

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/auth/keys',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'createKey',
      summary: 'Create an API key',
      description:
        'The response is the only one that contains the key itself, to be sent as a bearer token. A key makes no keys.',
      body: newKey,
      response: { 201: { description: 'The key', ...madeKey } },
      refusals: ['forbidden'],
    },
    handler: create,
  },
  {
    method: 'GET',
    url: '/auth/keys',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'listKeys',
      summary: 'List the API keys of the tenant, oldest first',
      querystring: page,
      response: { 200: { description: 'A page of keys', type: 'array', items: key } },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/auth/keys/:id',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'getKey',
      summary: 'Get an API key',
      params: pathId,
      response: { 200: { description: 'The key, without its secret', ...key } },
      refusals: ['keyNotFound'],
    },
    handler: read,
  },
  {
    method: 'DELETE',
    url: '/auth/keys/:id',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'deleteKey',
      summary: 'Revoke an API key',
      description: 'Takes effect with the next request.',
      params: pathId,
      response: { 204: { description: 'The key is revoked', type: 'null' } },
      refusals: ['keyNotFound'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function keys(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function create(request: FastifyRequest<{ Body: NewKeyBody }>, reply: FastifyReply) {
  const { name, role, expires_at: expiresAt } = request.body
  const made = await createKey(request.server.db, callerOf(request), { name, role, expiresAt })
  reply.code(201).header('location', `/auth/keys/${made.key.id}`).header('cache-control', 'no-store')
  return { ...toBody(made.key), key: made.text }
}

async function list(request: PageRequest, reply: FastifyReply) {
  const { db } = request.server
  const keys = await readPage(request, reply, (range) => listKeys(db, callerOf(request).tenant, range))
  return keys.map(toBody)
}

async function read(request: KeyRequest) {
  const id = idOf(request, errors.keyNotFound)
  return toBody(await findKey(request.server.db, callerOf(request).tenant, id))
}

async function remove(request: KeyRequest, reply: FastifyReply) {
  await removeKey(request.server.db, callerOf(request), idOf(request, errors.keyNotFound))
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
