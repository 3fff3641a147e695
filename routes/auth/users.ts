// The users of the caller's tenant, for its admins.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { validate as isUuid } from 'uuid'
import { isRoleName } from '../../lib/access/roles.ts'
import { type Account, selectAccount, selectAccounts, toAccount } from '../../lib/auth/account-store.ts'
import { isKnownRole, unknownRole } from '../../lib/auth/role-store.ts'
import { changeUser, createUser, refuseOperatorRole, removeUser } from '../../lib/auth/user-store.ts'
import type { Queryable } from '../../lib/db/statement.ts'
import { errors } from '../../lib/errors.ts'
import { page, readPage } from '../paging.ts'
import { password, role, user, username } from './schemas.ts'

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

const one = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }

const body = (description: string) => ({ 200: { description, ...user } })

const routes: RouteOptions[] = [
  {
    method: 'POST',
    url: '/auth/users',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'createUser',
      summary: 'Add a user',
      body: newUser,
      response: { 201: { description: 'The user', ...user } },
      refusals: ['usernameTaken', 'unavailable'],
    },
    preHandler: checkRole,
    handler: create,
  },
  {
    method: 'GET',
    url: '/auth/users',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'listUsers',
      summary: 'The users of the tenant, oldest first',
      querystring: page,
      response: { 200: { description: 'A page of users', type: 'array', items: user } },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/auth/users/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'getUser',
      summary: 'One user',
      params: one,
      response: body('The user'),
      refusals: ['userNotFound'],
    },
    handler: read,
  },
  {
    method: 'PATCH',
    url: '/auth/users/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'changeUser',
      summary: 'Change role, password or whether the user may sign in',
      description: 'In force from the next request on. A new password or `active: false` ends all sessions.',
      params: one,
      body: userChanges,
      response: body('The user as he is now'),
      refusals: ['userNotFound', 'lastAdmin', 'unavailable'],
    },
    preHandler: checkRole,
    handler: change,
  },
  {
    method: 'DELETE',
    url: '/auth/users/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'deleteUser',
      summary: 'Remove a user',
      params: one,
      response: { 204: { description: 'Removed', type: 'null' } },
      refusals: ['userNotFound', 'lastAdmin'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function users(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route)
}

function changeTenant<T>(request: FastifyRequest, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const { onCurrentMetadata, db } = request.server
  return onCurrentMetadata(request, () => db.transaction(request.caller.tenant, 'metadata', work))
}

/** Adds a role that does not exist to what else is wrong with the body. */
async function checkRole(request: FastifyRequest): Promise<void> {
  const { role } = (request.body ?? {}) as { role?: unknown }
  if (typeof role !== 'string' || !isRoleName(role)) return
  const { onCurrentMetadata, db } = request.server
  const known = await onCurrentMetadata(request, () =>
    isKnownRole((statement) => db.read(request.caller.tenant, statement), request.caller.tenant.id, role),
  )
  if (known) return
  if (request.validationError?.validation === undefined) throw errors.invalidBody([unknownRole()])
  request.validationError.validation.push(unknownRole() as never)
}

async function create(request: FastifyRequest, reply: FastifyReply) {
  const { username, password, role } = request.body as Record<'username' | 'password' | 'role', string>
  refuseOperatorRole(request.caller, role)
  const passwordHash = await request.server.passwords.hash(password)
  const account = await changeTenant(request, (tx) =>
    createUser(tx, request.caller, { username, role, passwordHash }),
  )
  reply.code(201).header('location', `/auth/users/${account.id}`)
  return toBody(account)
}

async function list(request: FastifyRequest, reply: FastifyReply) {
  const { tenant } = request.caller
  const rows = await readPage(request, reply, (limit, offset) =>
    request.server.db.read(tenant, selectAccounts(tenant.id, limit, offset)),
  )
  return rows.map((row) => toBody(toAccount(row)))
}

async function read(request: FastifyRequest) {
  const { tenant } = request.caller
  const [row] = await request.server.db.read(tenant, selectAccount(tenant.id, idOf(request)))
  if (row === undefined) throw errors.userNotFound()
  return toBody(toAccount(row))
}

async function change(request: FastifyRequest) {
  const id = idOf(request)
  const { role, active, password } = request.body as { role?: string; active?: boolean; password?: string }
  refuseOperatorRole(request.caller, role)
  const passwordHash = password === undefined ? undefined : await request.server.passwords.hash(password)
  const changes = { role, active, passwordHash }
  return toBody(await changeTenant(request, (tx) => changeUser(tx, request.caller, id, changes)))
}

async function remove(request: FastifyRequest, reply: FastifyReply) {
  const id = idOf(request)
  await changeTenant(request, (tx) => removeUser(tx, request.caller, id))
  reply.code(204)
}

function toBody({ id, username, role, active, createdAt }: Account) {
  return { id, username, role, active, created_at: createdAt }
}

/** An id that is none names no user. */
function idOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string }
  if (!isUuid(id)) throw errors.userNotFound()
  return id.toLowerCase()
}
