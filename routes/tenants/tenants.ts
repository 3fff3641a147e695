// The tenants of the platform, for its operators.

import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { refuseWeakPassword } from '../../lib/auth/weak-password.ts'
import { TENANT_NAME_PATTERN } from '../../lib/db/tenant.ts'
import { errors } from '../../lib/errors.ts'
import { presentQuotas, type QuotaChanges } from '../../lib/quotas/quota.ts'
import {
  changeTenant,
  createTenant,
  deleteTenant,
  findTenant,
  listTenants,
} from '../../lib/tenants/operator-store.ts'
import type { Tenant, TenantChanges } from '../../lib/tenants/tenant-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { type PageRequest, page, readPage } from '../paging.ts'
import { madeTenant, newTenant, pathName, tenant, tenantChanges, tenantWithUsage } from './schemas.ts'

interface NewTenantBody {
  name: string
  admin: { username: string; password: string }
  quotas?: QuotaChanges
}

type TenantRequest = FastifyRequest<{ Params: { name: string } }>

type ChangeRequest = FastifyRequest<{ Params: { name: string }; Body: TenantChanges }>

/** Milliseconds that a deletion waits for the purge of the tenant's data, which otherwise goes on in the background. */
const PURGE_PATIENCE = 2000

const NAME = new RegExp(TENANT_NAME_PATTERN)

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/tenants',
    access: 'operator',
    schema: {
      tags: ['Tenants'],
      operationId: 'createTenant',
      summary: 'Create a tenant together with its first admin',
      description: 'The admin signs in as `acme/alice`: the tenant, a slash, the user name.',
      body: newTenant,
      response: { 201: { description: 'The new tenant and its admin', ...madeTenant } },
      refusals: ['tenantExists', 'weakPassword', 'unavailable'],
    },
    handler: create,
  },
  {
    method: 'GET',
    url: '/tenants',
    access: 'operator',
    schema: {
      tags: ['Tenants'],
      operationId: 'listTenants',
      summary: 'List all tenants by name',
      querystring: page,
      response: { 200: { description: 'A page of tenants', type: 'array', items: tenant } },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/tenants/:name',
    access: 'operator',
    schema: {
      tags: ['Tenants'],
      operationId: 'getTenant',
      summary: 'Get a tenant',
      params: pathName,
      response: { 200: { description: 'The tenant with its usage', ...tenantWithUsage } },
      refusals: ['tenantNotFound'],
    },
    handler: read,
  },
  {
    method: 'PATCH',
    url: '/tenants/:name',
    access: 'operator',
    schema: {
      tags: ['Tenants'],
      operationId: 'changeTenant',
      summary: 'Suspend or resume a tenant, set its quotas',
      description:
        'Takes effect with the next request of every token and key of the tenant. Beyond a quota requests are refused with 409 `quota_exceeded`, beyond that of requests with 429 `request_quota_exceeded`.',
      params: pathName,
      body: tenantChanges,
      response: { 200: { description: 'The updated tenant', ...tenant } },
      refusals: ['tenantNotFound', 'defaultTenant', 'unavailable'],
    },
    handler: change,
  },
  {
    method: 'DELETE',
    url: '/tenants/:name',
    access: 'operator',
    schema: {
      tags: ['Tenants'],
      operationId: 'deleteTenant',
      summary: 'Delete a tenant with all its data, including files',
      description:
        'The tenant can no longer be used and its name is free at once; purging much data may take a while.',
      params: pathName,
      response: { 204: { description: 'The tenant is deleted', type: 'null' } },
      refusals: ['tenantNotFound', 'defaultTenant', 'unavailable'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function tenants(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function create(request: FastifyRequest<{ Body: NewTenantBody }>, reply: FastifyReply) {
  const { name, admin } = request.body
  const { db, passwords, settings, onCurrentMetadata } = request.server
  const quotas = { ...settings.DEFAULT_QUOTAS, ...request.body.quotas }
  await refuseWeakPassword(admin.password, { username: admin.username, tenant: name }, '/admin/password')
  const passwordHash = await passwords.hash(admin.password, callerOf(request).tenant.name)
  const wanted = { name, quotas, admin: { username: admin.username, passwordHash } }
  const made = await onCurrentMetadata(request, () => createTenant(db, callerOf(request), wanted))
  reply.code(201).header('location', `/tenants/${name}`)
  const { id, username, role } = made.admin
  return { ...toBody(made.tenant), admin: { id, username, role } }
}

async function list(request: PageRequest, reply: FastifyReply) {
  const { db } = request.server
  const tenants = await readPage(request, reply, (range) => listTenants(db, callerOf(request).tenant, range))
  return tenants.map(toBody)
}

async function read(request: TenantRequest) {
  const found = await findTenant(request.server.db, callerOf(request).tenant, nameOf(request))
  return { ...toBody(found), usage: found.usage }
}

async function change(request: ChangeRequest) {
  const changes = { ...request.body, name: nameOf(request) }
  return toBody(await changeTenant(request.server.db, callerOf(request), changes))
}

async function remove(request: TenantRequest, reply: FastifyReply) {
  const { db, tenantPurge } = request.server
  await deleteTenant(db, callerOf(request), nameOf(request))
  await Promise.race([tenantPurge.run(), sleep(PURGE_PATIENCE, undefined, { ref: false })])
  reply.code(204)
}

function toBody({ id, name, active, createdAt, quotas }: Tenant) {
  return { id, name, active, created_at: createdAt, quotas: presentQuotas(quotas) }
}

/** A text that cannot be a tenant's name identifies none; errors.tenantNotFound. */
function nameOf({ params: { name } }: { params: { name: string } }): string {
  if (!NAME.test(name)) throw errors.tenantNotFound()
  return name
}
