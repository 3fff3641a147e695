// Signing in and out. The bodies are forms, as OAuth 2.0 clients send them, or JSON.

import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseGrant } from '../../lib/auth/grant.ts'
import { clientAddress } from '../../lib/http/client-address.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { tokens } from './schemas.ts'

/** Bytes: the longest password with every character escaped. */
const BODY_LIMIT = 32_768

const FORM_OR_JSON = ['application/x-www-form-urlencoded', 'application/json']

const grantBody = {
  type: 'object',
  properties: {
    grant_type: {
      type: 'string',
      default: 'password',
      description: '`password` with `username` and `password`, or `refresh_token` with `refresh_token`.',
    },
    username: { type: 'string', description: '`alice`, or `acme/alice` for a tenant other than `default`.' },
    password: { type: 'string', format: 'password' },
    refresh_token: { type: 'string' },
  },
}

const revocation = {
  type: 'object',
  required: ['token'],
  properties: { token: { type: 'string', description: 'An access or a refresh token.' } },
}

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/auth/token',
    access: 'public',
    bodyLimit: BODY_LIMIT,
    schema: {
      tags: ['Auth'],
      operationId: 'signIn',
      summary: 'Sign in, or refresh the tokens',
      description:
        'A refresh token can be used once. A second use within ten seconds gets the same new refresh token; a later one, or one of an older token, ends the whole session.',
      consumes: FORM_OR_JSON,
      body: grantBody,
      response: { 200: { description: 'The tokens', ...tokens } },
      refusals: ['invalidCredentials', 'invalidRefreshToken', 'tooManyRequests', 'unavailable'],
    },
    handler: signIn,
  },
  {
    method: 'POST',
    url: '/auth/revoke',
    access: 'public',
    bodyLimit: BODY_LIMIT,
    schema: {
      tags: ['Auth'],
      operationId: 'signOut',
      summary: 'Sign out',
      description:
        'Revokes the access and refresh tokens of the session that the token belongs to. An unknown token is not an error.',
      consumes: FORM_OR_JSON,
      body: revocation,
      response: {
        200: { description: 'The token is revoked', type: 'object', properties: {} },
      },
    },
    handler: signOut,
  },
]

/** Adds the routes; only these accept forms. */
export default async function token(app: FastifyInstance): Promise<void> {
  await app.register(formbody, { bodyLimit: BODY_LIMIT })
  defineRoutes(app, routes)
}

async function signIn(request: FastifyRequest<{ Body: Record<string, unknown> }>, reply: FastifyReply) {
  const grant = parseGrant(request.body)
  const { sessions } = request.server
  reply.header('cache-control', 'no-store')
  const address = clientAddress(request)
  const visit = { time: { milliseconds: 0 } }
  request.databaseTime = visit.time
  if (grant.type === 'refresh_token') return sessions.refresh(grant.refreshToken, address, visit)
  return sessions.signIn({ username: grant.username, password: grant.password, address }, visit)
}

async function signOut(request: FastifyRequest<{ Body: { token: string } }>) {
  await request.server.sessions.revoke(request.body.token, clientAddress(request))
  return {}
}
