// The caller's own account.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { refuseWeakPassword } from '../../lib/auth/weak-password.ts'
import { clientAddress } from '../../lib/http/client-address.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { password, tokens } from './schemas.ts'

type PasswordRequest = FastifyRequest<{ Body: { current_password: string; new_password: string } }>

const me = {
  type: 'object',
  required: ['id', 'username', 'role', 'tenant'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    username: { type: 'string' },
    role: { type: 'string' },
    tenant: {
      type: 'object',
      required: ['id', 'name'],
      properties: { id: { type: 'string', format: 'uuid' }, name: { type: 'string' } },
    },
  },
}

const passwordChange = {
  type: 'object',
  required: ['current_password', 'new_password'],
  additionalProperties: false,
  properties: { current_password: { type: 'string', format: 'password' }, new_password: password },
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/auth/me',
    access: 'user',
    schema: {
      tags: ['Auth'],
      operationId: 'getMe',
      summary: 'Get the caller',
      response: { 200: { description: 'The user or API key that the token belongs to', ...me } },
    },
    handler: getMe,
  },
  {
    method: 'POST',
    url: '/auth/password',
    access: 'user',
    schema: {
      tags: ['Auth'],
      operationId: 'changePassword',
      summary: 'Change the caller’s own password',
      description:
        'Ends the other sessions of the user. The session that sends it goes on, with its tokens or with those of the response.',
      body: passwordChange,
      response: { 200: { description: 'New tokens', ...tokens } },
      refusals: ['forbidden', 'weakPassword', 'tooManyRequests', 'unavailable'],
    },
    handler: changePassword,
  },
]

/** Adds the routes. */
export default async function ownAccount(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function getMe(request: FastifyRequest) {
  const { id, username, role, tenant } = callerOf(request)
  await request.server.registry.confirm(tenant)
  return { id, username, role, tenant: { id: tenant.id, name: tenant.name } }
}

async function changePassword(request: PasswordRequest, reply: FastifyReply) {
  const { current_password: current, new_password: next } = request.body
  const { sessions, passwords, onCurrentMetadata } = request.server
  const account = await sessions.confirmPassword(callerOf(request), current, clientAddress(request))
  const tenant = callerOf(request).tenant.name
  await refuseWeakPassword(next, { username: account.username, tenant }, '/new_password')
  const hash = await passwords.hash(next, tenant)
  reply.header('cache-control', 'no-store')
  return onCurrentMetadata(request, () => sessions.replacePassword(callerOf(request), account, hash))
}
