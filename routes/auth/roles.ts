// The roles of the caller's tenant, for its admins. What a role may do is set entity by entity, in schemas/permissions.ts.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DEFAULT_ACCESSES, type DefaultAccess } from '../../lib/access/permission.ts'
import { findRole, listRoles, type Role, removeRole, setRole } from '../../lib/auth/admin/roles-store.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { defineRoutes, type Route } from '../define-routes.ts'

interface RoleRoute {
  Params: { name: string }
  /** Null: without a body. */
  Body: { description?: string | null; default_access?: DefaultAccess; upload_files?: boolean } | null
}

type RoleRequest = FastifyRequest<RoleRoute>

const role = {
  type: 'object',
  required: ['name', 'built_in', 'description', 'default_access', 'upload_files', 'created_at'],
  properties: {
    name: { type: 'string', examples: ['clerk'] },
    built_in: { type: 'boolean' },
    description: { type: ['string', 'null'] },
    default_access: {
      enum: [...DEFAULT_ACCESSES, 'all'],
      description: 'What the role may do with an entity for which it has no permission.',
    },
    upload_files: { type: 'boolean', description: 'Whether the role may upload files.' },
    created_at: { type: ['string', 'null'], format: 'date-time' },
  },
}

const roleChange = {
  type: 'object',
  additionalProperties: false,
  properties: {
    description: { type: ['string', 'null'], maxLength: 1000 },
    default_access: {
      enum: DEFAULT_ACCESSES,
      description:
        'What the role may do with an entity for which it has no permission: nothing; read all records; or read and create all, and change and delete its holder’s own.',
    },
    upload_files: {
      type: 'boolean',
      description: 'Whether the role may upload files; false for a new role.',
    },
  },
}

const pathName = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/auth/roles',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'listRoles',
      summary: 'List the roles of the tenant',
      response: {
        200: { description: 'The built-in roles, then the tenant’s own by name', type: 'array', items: role },
      },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/auth/roles/:name',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'getRole',
      summary: 'Get a role',
      params: pathName,
      response: { 200: { description: 'The role', ...role } },
      refusals: ['roleNotFound'],
    },
    handler: read,
  },
  {
    method: 'PUT',
    url: '/auth/roles/:name',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'setRole',
      summary: 'Create or change a role',
      description:
        'A new role may do nothing until a permission of an entity or its default access allows it. What is absent keeps its value. Of the built-in roles only `upload_files` and the default access of `user` can be changed.',
      params: pathName,
      body: roleChange,
      response: {
        200: { description: 'The updated role', ...role },
        201: { description: 'The new role', ...role },
      },
      refusals: ['roleFixed'],
    },
    handler: save,
  },
  {
    method: 'DELETE',
    url: '/auth/roles/:name',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'deleteRole',
      summary: 'Delete a role that no user or key has, with its permissions',
      params: pathName,
      response: { 204: { description: 'The role is deleted', type: 'null' } },
      refusals: ['roleNotFound', 'roleInUse', 'roleFixed'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function roles(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function list(request: FastifyRequest) {
  const roles = await listRoles(request.server.db, callerOf(request).tenant)
  return roles.map(toBody)
}

async function read(request: RoleRequest) {
  return toBody(await findRole(request.server.db, callerOf(request).tenant, request.params.name))
}

async function save(request: RoleRequest, reply: FastifyReply) {
  const { body, params, server } = request
  const { description, default_access: defaultAccess, upload_files: uploadFiles } = body ?? {}
  const wanted = { name: params.name, description, defaultAccess, uploadFiles }
  const { role, made } = await setRole(server.db, callerOf(request), wanted)
  reply.code(made ? 201 : 200)
  return toBody(role)
}

async function remove(request: RoleRequest, reply: FastifyReply) {
  await removeRole(request.server.db, callerOf(request), request.params.name)
  reply.code(204)
}

function toBody({ name, builtIn, description, defaultAccess, uploadFiles, createdAt }: Role) {
  return {
    name,
    built_in: builtIn,
    description,
    default_access: defaultAccess,
    upload_files: uploadFiles,
    created_at: createdAt,
  }
}
