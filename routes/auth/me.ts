// What a user does with his own account.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { password, tokens } from './schemas.ts'

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

const routes: RouteOptions[] = [
  {
    method: 'GET',
    url: '/auth/me',
    config: { access: 'user' },
    schema: {
      tags: ['Auth'],
      operationId: 'getMe',
      summary: 'Who is signed in',
      response: { 200: { description: 'The caller', ...me } },
    },
    handler: getMe,
  },
  {
    method: 'POST',
    url: '/auth/password',
    config: { access: 'user' },
    schema: {
      tags: ['Auth'],
      operationId: 'changePassword',
      summary: 'Change the own password',
      description: 'Every token given out before is good for nothing afterwards; the answer holds new ones.',
      body: passwordChange,
      response: { 200: { description: 'New tokens', ...tokens } },
      refusals: ['forbidden', 'tooManyRequests', 'unavailable'],
    },
    handler: changePassword,
  },
]

/** Adds the routes. */
export default async function ownAccount(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route)
}

async function getMe(request: FastifyRequest) {
  const { server } = request
  const { id, username, role, tenant } = callerOf(request)
  await server.registry.confirm(tenant)
  return { id, username, role, tenant: { id: tenant.id, name: tenant.name } }
}

async function changePassword(request: FastifyRequest, reply: FastifyReply) {
  const { current_password, new_password } = request.body as Record<string, string>
  if (callerOf(request).session === null) throw errors.forbidden('a user; an API key has no password')
  const { sessions, passwords, onCurrentMetadata } = request.server
  const account = await sessions.confirmPassword(callerOf(request), current_password as string, request.ip)
  const hash = await passwords.hash(new_password as string)
  reply.header('cache-control', 'no-store')
  return onCurrentMetadata(request, () => sessions.replacePassword(callerOf(request), account, hash))
}
