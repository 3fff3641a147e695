// What each role may do with an entity: for its admins, who say it as data.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { defaultPermission } from '../../lib/access/permission.ts'
import {
  deletePermission,
  savePermission,
  selectEntityPermissions,
  toEntityPermissions,
} from '../../lib/access/permission-store.ts'
import { type PermissionBody, presentPermission, readPermission } from '../../lib/access/read-permission.ts'
import { ANONYMOUS, isAdmin, isRoleName } from '../../lib/access/roles.ts'
import { recordAudit } from '../../lib/audit/audit-store.ts'
import { nameRole, selectRoles, toRole } from '../../lib/auth/role-store.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { errors } from '../../lib/errors.ts'
import { currentEntity } from '../../lib/schema/change/definition-store.ts'

type PermissionRequest = FastifyRequest<{ Params: { entity: string; role: string }; Body: PermissionBody }>

const rule = {
  type: ['boolean', 'string'],
  description:
    'All rows, none, or those that meet a row filter in the query grammar; $user.id, $user.username and $user.role in it are the caller’s own.',
  examples: ['or=(owner.eq.$user.id,public.is.true)'],
}

const names = {
  type: ['array', 'null'],
  items: { type: 'string' },
  maxItems: 500,
  description: 'Names of fields; null: all',
}

const rules = {
  read: rule,
  create: { ...rule, description: 'What a new record must be' },
  update: { ...rule, description: 'What a record must be, before and after the change' },
  delete: rule,
  fields: {
    type: 'object',
    additionalProperties: false,
    properties: { read: names, write: { ...names, description: 'As read, which it is without this' } },
  },
}

const body = {
  type: 'object',
  additionalProperties: false,
  properties: { role: { type: 'string', description: 'May be left out; else that of the path' }, ...rules },
}

const permission = {
  type: 'object',
  required: ['role', 'read', 'create', 'update', 'delete', 'fields'],
  properties: { role: { type: 'string' }, ...rules },
}

const ofEntity = { type: 'object', required: ['entity'], properties: { entity: { type: 'string' } } }

const ofRole = {
  type: 'object',
  required: ['entity', 'role'],
  properties: {
    entity: { type: 'string' },
    role: { type: 'string', examples: ['user', ANONYMOUS, 'clerk'] },
  },
}

const tags = ['Schemas']

const config = { access: 'admin' } as const

const url = '/schemas/:entity/permissions'

const ROUTES: readonly (Omit<RouteOptions, 'handler'> & { handler: unknown })[] = [
  {
    method: 'GET',
    url,
    config,
    schema: {
      tags,
      operationId: 'listPermissions',
      summary: 'What each role may do with the records of an entity',
      params: ofEntity,
      response: { 200: { description: 'One of each role', type: 'array', items: permission } },
      refusals: ['entityNotFound'],
    },
    handler: list,
  },
  {
    method: 'GET',
    url: `${url}/:role`,
    config,
    schema: {
      tags,
      operationId: 'getPermission',
      summary: 'What a role may do with the records of an entity',
      params: ofRole,
      response: { 200: { description: 'What is in force', ...permission } },
      refusals: ['entityNotFound', 'roleNotFound'],
    },
    handler: get,
  },
  {
    method: 'PUT',
    url: `${url}/:role`,
    config,
    schema: {
      tags,
      operationId: 'setPermission',
      summary: 'Say what a role may do with the records of an entity',
      description:
        'In force from the next request on. What is left out is not allowed; `fields` left out means all.',
      params: ofRole,
      body,
      response: { 200: { description: 'What is in force now', ...permission } },
      refusals: ['entityNotFound', 'roleNotFound', 'roleFixed'],
    },
    handler: set,
  },
  {
    method: 'DELETE',
    url: `${url}/:role`,
    config,
    schema: {
      tags,
      operationId: 'resetPermission',
      summary: 'Give a role its default permissions again',
      params: ofRole,
      response: { 204: { description: 'The default is in force', type: 'null' } },
      refusals: ['entityNotFound', 'roleNotFound', 'roleFixed'],
    },
    handler: reset,
  },
]

export default async function permissions(app: FastifyInstance): Promise<void> {
  for (const route of ROUTES) app.route(route as RouteOptions)
}

/** The permissions of an entity that somebody has said something of. */
async function storedOf({ caller, server }: PermissionRequest, entity: Entity) {
  return toEntityPermissions(await server.db.read(caller.tenant, selectEntityPermissions(entity)))
}

async function list(request: PermissionRequest) {
  const { caller, params, server } = request
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const stored = await storedOf(request, entity)
  const named = (await server.db.read(caller.tenant, selectRoles(caller.tenant.id))).map(toRole)
  const roles = ['admin', 'user', ANONYMOUS, ...named.map(({ name }) => name)]
  return roles.map((role) => presentPermission(role, stored.get(role) ?? defaultPermission(role), entity))
}

async function get(request: PermissionRequest) {
  const { caller, params, server } = request
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const stored = await storedOf(request, entity)
  if (!isRoleName(params.role)) throw errors.roleNotFound(params.role)
  return presentPermission(params.role, stored.get(params.role) ?? defaultPermission(params.role), entity)
}

/** The role of a change; errors.roleNotFound, errors.roleFixed. */
function changeableRole({ params: { role } }: PermissionRequest): string {
  if (!isRoleName(role)) throw errors.roleNotFound(role)
  if (isAdmin(role)) throw errors.roleFixed(role)
  return role
}

async function set(request: PermissionRequest) {
  const { caller, params, server, body } = request
  return server.db.transaction(caller.tenant, 'metadata', async (tx) => {
    const entity = await currentEntity(tx, caller.tenant, params.entity, undefined)
    const role = changeableRole(request)
    const permission = readPermission(body, entity, role)
    if (role !== 'user' && role !== ANONYMOUS) await nameRole(tx, caller.tenant.id, role)
    await savePermission(tx, entity, role, permission)
    const details = { role, ...presentPermission(role, permission, entity) }
    await recordAudit(tx, caller, { action: 'permission.set', target: entity.name, details })
    return presentPermission(role, permission, entity)
  })
}

async function reset(request: PermissionRequest, reply: FastifyReply) {
  const { caller, params, server } = request
  await server.db.transaction(caller.tenant, 'metadata', async (tx) => {
    const entity = await currentEntity(tx, caller.tenant, params.entity, undefined)
    const role = changeableRole(request)
    await deletePermission(tx, entity, role)
    await recordAudit(tx, caller, { action: 'permission.reset', target: entity.name, details: { role } })
  })
  return reply.code(204).send()
}
