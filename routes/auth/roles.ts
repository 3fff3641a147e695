// The roles of the caller's tenant: Univera's own, and those that its admins name. What a role may do is said entity by
// entity, in routes/permissions.ts.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { ANONYMOUS, BUILT_IN_ROLES, isRoleName } from '../../lib/access/roles.ts'
import { recordAudit } from '../../lib/audit/audit-store.ts'
import {
  deleteRole,
  type NamedRole,
  saveRole,
  selectRole,
  selectRoles,
  toRole,
} from '../../lib/auth/role-store.ts'
import { errors } from '../../lib/errors.ts'

type RoleRequest = FastifyRequest<{ Params: { name: string }; Body: { description?: string | null } | null }>

const role = {
  type: 'object',
  required: ['name', 'built_in', 'description', 'created_at'],
  properties: {
    name: { type: 'string', examples: ['clerk'] },
    built_in: { type: 'boolean' },
    description: { type: ['string', 'null'] },
    created_at: { type: ['string', 'null'], format: 'date-time' },
  },
}

const body = {
  type: 'object',
  additionalProperties: false,
  properties: { description: { type: ['string', 'null'], maxLength: 1000 } },
}

const one = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }

const tags = ['Auth']

const config = { access: 'admin' } as const

const FIXED: Readonly<Record<string, string>> = {
  operator: 'Runs the platform',
  admin: 'May do everything in his tenant',
  user: 'Reads all records, changes and deletes his own, unless a permission says otherwise',
  [ANONYMOUS]: 'Whoever sends no token; may do what a permission grants',
}

const routes: (Omit<RouteOptions, 'handler'> & { handler: unknown })[] = [
  {
    method: 'GET',
    url: '/auth/roles',
    config,
    schema: {
      tags,
      operationId: 'listRoles',
      summary: 'The roles of the tenant',
      response: {
        200: { description: 'Univera’s own, then the tenant’s by name', type: 'array', items: role },
      },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/auth/roles/:name',
    config,
    schema: {
      tags,
      operationId: 'getRole',
      summary: 'One role',
      params: one,
      response: { 200: { description: 'The role', ...role } },
      refusals: ['roleNotFound'],
    },
    handler: read,
  },
  {
    method: 'PUT',
    url: '/auth/roles/:name',
    config,
    schema: {
      tags,
      operationId: 'setRole',
      summary: 'Name a role, or describe it anew',
      description: 'It may do nothing until a permission of an entity says so.',
      params: one,
      body,
      response: { 200: { description: 'The role', ...role }, 201: { description: 'The new role', ...role } },
      refusals: ['roleFixed'],
    },
    handler: save,
  },
  {
    method: 'DELETE',
    url: '/auth/roles/:name',
    config,
    schema: {
      tags,
      operationId: 'deleteRole',
      summary: 'Forget a role that no user has, with its permissions',
      params: one,
      response: { 204: { description: 'It is gone', type: 'null' } },
      refusals: ['roleNotFound', 'roleInUse', 'roleFixed'],
    },
    handler: remove,
  },
]

export default async function roles(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route as RouteOptions)
}

function toBody({ name, description, createdAt }: NamedRole) {
  return { name, built_in: false, description, created_at: createdAt }
}

function fixed(name: string) {
  return { name, built_in: true, description: FIXED[name], created_at: null }
}

async function list({ caller: { tenant }, server }: RoleRequest) {
  const named = (await server.db.read(tenant, selectRoles(tenant.id))).map(toRole)
  return [...[...BUILT_IN_ROLES, ANONYMOUS].map(fixed), ...named.map(toBody)]
}

async function read({ caller: { tenant }, params: { name }, server }: RoleRequest) {
  if (Object.hasOwn(FIXED, name)) return fixed(name)
  const [row] = isRoleName(name) ? await server.db.read(tenant, selectRole(tenant.id, name)) : []
  if (row === undefined) throw errors.roleNotFound(name)
  return toBody(toRole(row))
}

/** A name that may be a tenant's own; errors.roleFixed. */
function ownName(name: string): string {
  if (Object.hasOwn(FIXED, name)) throw errors.roleFixed(name)
  return name
}

async function save({ caller, params, server, body }: RoleRequest, reply: FastifyReply) {
  const name = ownName(params.name)
  if (!isRoleName(name))
    throw errors.invalidParameter('A role is called by a-z, then at most 62 characters of a-z, 0-9, _ and -.')
  const { tenant } = caller
  const { role: saved, made } = await server.db.transaction(tenant, 'metadata', async (tx) => {
    await recordAudit(tx, caller, { action: 'role.save', target: name })
    return saveRole(tx, tenant.id, name, body?.description ?? null)
  })
  reply.code(made ? 201 : 200)
  return toBody(saved)
}

async function remove({ caller, params, server }: RoleRequest, reply: FastifyReply) {
  const name = ownName(params.name)
  if (!isRoleName(name)) throw errors.roleNotFound(name)
  const { tenant } = caller
  await server.db.transaction(tenant, 'metadata', async (tx) => {
    await recordAudit(tx, caller, { action: 'role.delete', target: name })
    await deleteRole(tx, tenant.id, name)
  })
  return reply.code(204).send()
}
