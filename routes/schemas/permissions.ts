// The permissions of each role for an entity, which the tenant's admins set as data.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PermissionBody } from '../../lib/access/read-permission.ts'
import {
  findPermission,
  listPermissions,
  type PermissionTarget,
  resetPermission,
  setPermission,
} from '../../lib/auth/admin/permissions-store.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { pathEntity } from './definition-schemas.ts'
import { pathRole, permission, permissionBody } from './permission-schemas.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

type PermissionRequest = FastifyRequest<{ Params: PermissionTarget }>

type ChangeRequest = FastifyRequest<{ Params: PermissionTarget; Body: PermissionBody }>

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/:entity/permissions',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listPermissions',
      summary: 'List the permissions of all roles for an entity',
      params: pathEntity,
      response: { 200: { description: 'One permission for each role', type: 'array', items: permission } },
      refusals: ['entityNotFound'],
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/schemas/:entity/permissions/:role',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'getPermission',
      summary: 'Get the permission of a role for an entity',
      params: pathRole,
      response: { 200: { description: 'The permission in force', ...permission } },
      refusals: ['entityNotFound', 'roleNotFound'],
    },
    handler: read,
  },
  {
    method: 'PUT',
    url: '/schemas/:entity/permissions/:role',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'setPermission',
      summary: 'Set the permission of a role for an entity',
      description:
        'Takes effect with the next request. An omitted verb is not allowed; without `fields` all fields are.',
      params: pathRole,
      body: permissionBody,
      response: { 200: { description: 'The updated permission', ...permission } },
      refusals: ['entityNotFound', 'roleNotFound', 'roleFixed'],
    },
    handler: save,
  },
  {
    method: 'DELETE',
    url: '/schemas/:entity/permissions/:role',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'resetPermission',
      summary: 'Reset the permission of a role for an entity to the default',
      params: pathRole,
      response: { 204: { description: 'The default is in force', type: 'null' } },
      refusals: ['entityNotFound', 'roleNotFound', 'roleFixed'],
    },
    handler: reset,
  },
]

/** Adds the routes. */
export default async function permissions(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function list(request: EntityRequest) {
  return listPermissions(request.server, callerOf(request).tenant, request.params.entity)
}

async function read(request: PermissionRequest) {
  return findPermission(request.server, callerOf(request).tenant, request.params)
}

async function save(request: ChangeRequest) {
  const { body, params, server } = request
  return setPermission(server.db, callerOf(request), { ...params, body })
}

async function reset(request: PermissionRequest, reply: FastifyReply) {
  await resetPermission(request.server.db, callerOf(request), request.params)
  reply.code(204)
}
