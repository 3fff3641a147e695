// Signing in and out. The bodies are forms, as OAuth 2 clients send them, or JSON.

import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { parseGrant } from '../../lib/auth/grant.ts'
import { clientAddress } from '../../lib/http/client-address.ts'
import { tokens } from './schemas.ts'

/** Bytes: the longest password, every character of it escaped. */
const BODY_LIMIT = 32_768

const FORM_OR_JSON = ['application/x-www-form-urlencoded', 'application/json']

const grant = {
  type: 'object',
  properties: {
    grant_type: {
      type: 'string',
      default: 'password',
      description: '`password`, with username and password, or `refresh_token`, with refresh_token.',
    },
    username: { type: 'string', description: '`alice`, or `acme/alice` in another tenant than `default`.' },
    password: { type: 'string', format: 'password' },
    refresh_token: { type: 'string' },
  },
}

const revocation = {
  type: 'object',
  required: ['token'],
  properties: { token: { type: 'string', description: 'An access or a refresh token.' } },
}

const routes: RouteOptions[] = [
  {
    method: 'POST',
    url: '/auth/token',
    config: { access: 'public' },
    bodyLimit: BODY_LIMIT,
    schema: {
      tags: ['Auth'],
      operationId: 'signIn',
      summary: 'Sign in, or renew the tokens',
      description: 'A refresh token is good for one use; a second use ends the whole session.',
      consumes: FORM_OR_JSON,
      body: grant,
      response: { 200: { description: 'The tokens', ...tokens } },
      refusals: ['invalidCredentials', 'invalidRefreshToken', 'tooManyRequests', 'unavailable'],
    },
    handler: signIn,
  },
  {
    method: 'POST',
    url: '/auth/revoke',
    config: { access: 'public' },
    bodyLimit: BODY_LIMIT,
    schema: {
      tags: ['Auth'],
      operationId: 'signOut',
      summary: 'Sign out',
      description:
        'Ends the session of the token, access and refresh tokens alike. Unknown tokens are no error.',
      consumes: FORM_OR_JSON,
      body: revocation,
      response: {
        200: { description: 'The token is good for nothing now', type: 'object', properties: {} },
      },
    },
    handler: signOut,
  },
]

/** Adds the routes; forms are read here and nowhere else. */
export default async function token(app: FastifyInstance): Promise<void> {
  await app.register(formbody, { bodyLimit: BODY_LIMIT })
  for (const route of routes) app.route(route)
}

async function signIn(request: FastifyRequest, reply: FastifyReply) {
  const presented = parseGrant(request.body as Record<string, unknown>)
  reply.header('cache-control', 'no-store')
  if (presented.type === 'refresh_token')
    return request.server.sessions.refresh(presented.refreshToken, clientAddress(request))
  const { username, password } = presented
  return request.server.sessions.signIn({ username, password, address: clientAddress(request) })
}

async function signOut(request: FastifyRequest) {
  const { token } = request.body as { token: string }
  await request.server.sessions.revoke(token, clientAddress(request))
  return {}
}
