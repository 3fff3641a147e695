// The users of the caller's tenant, for its admins. A password is hashed before the part that may run again on newer metadata.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRoleName } from '../../lib/access/roles.ts'
import type { Account } from '../../lib/auth/account-store.ts'
import { refuseOperatorRole } from '../../lib/auth/admin/operator-role.ts'
import { changeUser, createUser, findUser, listUsers, removeUser } from '../../lib/auth/admin/users-store.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { isKnownRole, unknownRole } from '../../lib/auth/role-store.ts'
import { refuseWeakPassword } from '../../lib/auth/weak-password.ts'
import { errors } from '../../lib/errors.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { type PageRequest, page, readPage } from '../paging.ts'
import { idOf, pathId } from '../path-id.ts'
import { password, role, user, username } from './schemas.ts'

type NewUserRequest = FastifyRequest<{ Body: { username: string; password: string; role: string } }>

type UserRequest = FastifyRequest<{ Params: { id: string } }>

type ChangeRequest = FastifyRequest<{
  Params: { id: string }
  Body: { role?: string; active?: boolean; password?: string }
}>

const newUser = {
  type: 'object',
  required: ['username', 'password', 'role'],
  additionalProperties: false,
  properties: { username, password, role },
}

const userChanges = {
  type: 'object',
  additionalProperties: false,
  properties: { role, active: { type: 'boolean' }, password },
}

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/auth/users',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'createUser',
      summary: 'Create a user',
      body: newUser,
      response: { 201: { description: 'The new user', ...user } },
      refusals: ['usernameTaken', 'weakPassword', 'unavailable'],
    },
    preHandler: checkRole,
    handler: create,
  },
  {
    method: 'GET',
    url: '/auth/users',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'listUsers',
      summary: 'List the users of the tenant, oldest first',
      querystring: page,
      response: { 200: { description: 'A page of users', type: 'array', items: user } },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/auth/users/:id',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'getUser',
      summary: 'Get a user',
      params: pathId,
      response: { 200: { description: 'The user', ...user } },
      refusals: ['userNotFound'],
    },
    handler: read,
  },
  {
    method: 'PATCH',
    url: '/auth/users/:id',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'changeUser',
      summary: 'Change the role or password of a user, or whether they may sign in',
      description:
        'Takes effect with the next request. A new password or `active: false` ends all sessions of the user, except the one in which they set their own password.',
      params: pathId,
      body: userChanges,
      response: { 200: { description: 'The updated user', ...user } },
      refusals: ['userNotFound', 'lastAdmin', 'weakPassword', 'unavailable'],
    },
    preHandler: checkRole,
    handler: change,
  },
  {
    method: 'DELETE',
    url: '/auth/users/:id',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'deleteUser',
      summary: 'Delete a user',
      params: pathId,
      response: { 204: { description: 'The user is deleted', type: 'null' } },
      refusals: ['userNotFound', 'lastAdmin'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function users(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

/** Adds an unknown role to the violations that the body's schema has found; errors.invalidBody if it is the only one. */
async function checkRole(request: FastifyRequest): Promise<void> {
  const { role } = (request.body ?? {}) as { role?: unknown }
  if (typeof role !== 'string' || !isRoleName(role)) return
  const { onCurrentMetadata, db } = request.server
  const known = await onCurrentMetadata(request, () => isKnownRole(db, callerOf(request).tenant, role))
  if (known) return
  if (request.validationError?.validation === undefined) throw errors.invalidBody([unknownRole()])
  // The validation plugin gives violations where Fastify's type has Ajv's errors.
  request.validationError.validation.push(unknownRole() as never)
}

async function create(request: NewUserRequest, reply: FastifyReply) {
  const { username, password, role } = request.body
  const { db, passwords, onCurrentMetadata } = request.server
  refuseOperatorRole(callerOf(request), role)
  const { tenant } = callerOf(request)
  await refuseWeakPassword(password, { username, tenant: tenant.name })
  const passwordHash = await passwords.hash(password, tenant.name)
  const account = await onCurrentMetadata(request, () =>
    createUser(db, callerOf(request), { username, role, passwordHash }),
  )
  reply.code(201).header('location', `/auth/users/${account.id}`)
  return toBody(account)
}

async function list(request: PageRequest, reply: FastifyReply) {
  const { db } = request.server
  const users = await readPage(request, reply, (range) => listUsers(db, callerOf(request).tenant, range))
  return users.map(toBody)
}

async function read(request: UserRequest) {
  const id = idOf(request, errors.userNotFound)
  return toBody(await findUser(request.server.db, callerOf(request).tenant, id))
}

async function change(request: ChangeRequest) {
  const id = idOf(request, errors.userNotFound)
  const { role, active, password } = request.body
  const { db, onCurrentMetadata } = request.server
  refuseOperatorRole(callerOf(request), role)
  const passwordHash = password === undefined ? undefined : await hashFor(request, id, password)
  const changes = { id, role, active, passwordHash }
  return toBody(await onCurrentMetadata(request, () => changeUser(db, callerOf(request), changes)))
}

/** The hash of a new password of a user; errors.userNotFound, errors.weakPassword. */
async function hashFor(request: FastifyRequest, id: string, password: string): Promise<string> {
  const { db, passwords, onCurrentMetadata } = request.server
  const { username } = await onCurrentMetadata(request, () => findUser(db, callerOf(request).tenant, id))
  const tenant = callerOf(request).tenant.name
  await refuseWeakPassword(password, { username, tenant })
  return passwords.hash(password, tenant)
}

async function remove(request: UserRequest, reply: FastifyReply) {
  await removeUser(request.server.db, callerOf(request), idOf(request, errors.userNotFound))
  reply.code(204)
}

function toBody({ id, username, role, active, createdAt }: Account) {
  return { id, username, role, active, created_at: createdAt }
}
