// The tenants of the platform, for its operators.

import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { type AuditEvent, recordAudit } from '../../lib/audit/audit-store.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import type { Queryable } from '../../lib/db/statement.ts'
import { TENANT_NAME_PATTERN } from '../../lib/db/tenant.ts'
import { errors } from '../../lib/errors.ts'
import { presentQuotas, type QuotaChanges } from '../../lib/quotas/quota.ts'
import { selectUsage, toUsage } from '../../lib/quotas/quota-store.ts'
import {
  changeTenant,
  createTenant,
  deleteTenant,
  selectTenant,
  selectTenants,
  type Tenant,
  type TenantChanges,
  toTenant,
} from '../../lib/tenants/tenant-store.ts'
import { page, readPage } from '../paging.ts'
import { body, changes, made, newTenant, one, tenant, tenantWithUsage } from './schemas.ts'

/** Milliseconds that a delete waits for the tenant's rows and files to be gone; the rest goes in the background. */
const PURGE_PATIENCE = 2000

const routes: RouteOptions[] = [
  {
    method: 'POST',
    url: '/tenants',
    config: { access: 'operator' },
    schema: {
      tags: ['Tenants'],
      operationId: 'createTenant',
      summary: 'Add a tenant together with its first admin',
      description: 'The admin signs in as `acme/alice`: the tenant, a slash, the user name.',
      body: newTenant,
      response: { 201: made },
      refusals: ['tenantExists', 'unavailable'],
    },
    handler: create,
  },
  {
    method: 'GET',
    url: '/tenants',
    config: { access: 'operator' },
    schema: {
      tags: ['Tenants'],
      operationId: 'listTenants',
      summary: 'All tenants, by name',
      querystring: page,
      response: { 200: { description: 'A page of tenants', type: 'array', items: tenant } },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/tenants/:name',
    config: { access: 'operator' },
    schema: {
      tags: ['Tenants'],
      operationId: 'getTenant',
      summary: 'One tenant',
      params: one,
      response: { 200: { description: 'The tenant, with what it uses', ...tenantWithUsage } },
      refusals: ['tenantNotFound'],
    },
    handler: read,
  },
  {
    method: 'PATCH',
    url: '/tenants/:name',
    config: { access: 'operator' },
    schema: {
      tags: ['Tenants'],
      operationId: 'changeTenant',
      summary: 'Suspend a tenant, let it work again, set its quotas',
      description:
        'In force for the next request of every token and key of the tenant. A quota that is used up refuses with 409 `quota_exceeded`, that of requests with 429 `request_quota_exceeded`.',
      params: one,
      body: changes,
      response: body('The tenant as it is now'),
      refusals: ['tenantNotFound', 'defaultTenant', 'unavailable'],
    },
    handler: change,
  },
  {
    method: 'DELETE',
    url: '/tenants/:name',
    config: { access: 'operator' },
    schema: {
      tags: ['Tenants'],
      operationId: 'deleteTenant',
      summary: 'Remove a tenant with everything in it, files too',
      description: 'It is closed at once and its name free; much data may take a while to go.',
      params: one,
      response: { 204: { description: 'Removed', type: 'null' } },
      refusals: ['tenantNotFound', 'defaultTenant', 'unavailable'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function tenants(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route)
}

/** A change of another tenant, begun and noted in the operator's own: he has to be one still. */
function asOperator<T>(
  request: FastifyRequest,
  event: AuditEvent,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const { onCurrentMetadata, db } = request.server
  return onCurrentMetadata(request, () =>
    db.transaction(callerOf(request).tenant, [], async (tx) => {
      await recordAudit(tx, callerOf(request), event)
      return work(tx)
    }),
  )
}

interface NewTenantBody {
  name: string
  admin: { username: string; password: string }
  quotas?: QuotaChanges
}

async function create(request: FastifyRequest, reply: FastifyReply) {
  const { name, admin, quotas } = request.body as NewTenantBody
  const passwordHash = await request.server.passwords.hash(admin.password)
  const first = { username: admin.username, passwordHash }
  const created = await asOperator(
    request,
    { action: 'tenant.create', target: name, details: { quotas } },
    (tx) => createTenant(tx, { name, admin: first, quotas }),
  )
  reply.code(201).header('location', `/tenants/${name}`)
  const { id, username, role } = created.admin
  return { ...toBody(created.tenant), admin: { id, username, role } }
}

async function list(request: FastifyRequest, reply: FastifyReply) {
  const rows = await readPage(request, reply, (limit, offset) =>
    request.server.db.read(callerOf(request).tenant, selectTenants(limit, offset)),
  )
  return rows.map((row) => toBody(toTenant(row)))
}

async function read(request: FastifyRequest) {
  const { db } = request.server
  const [row] = await db.read(callerOf(request).tenant, selectTenant(nameOf(request)))
  if (row === undefined) throw errors.tenantNotFound()
  const found = toTenant(row)
  const [used] = await db.read(callerOf(request).tenant, selectUsage(found.id))
  return { ...toBody(found), usage: toUsage(used ?? []) }
}

async function change(request: FastifyRequest) {
  const name = nameOf(request)
  const wanted = request.body as TenantChanges
  const event = { action: 'tenant.change', target: name, details: wanted } as const
  return toBody(await asOperator(request, event, (tx) => changeTenant(tx, name, wanted)))
}

async function remove(request: FastifyRequest, reply: FastifyReply) {
  const name = nameOf(request)
  await asOperator(request, { action: 'tenant.delete', target: name }, (tx) => deleteTenant(tx, name))
  await Promise.race([request.server.tenantPurge.run(), sleep(PURGE_PATIENCE, undefined, { ref: false })])
  reply.code(204)
}

function toBody({ id, name, active, createdAt, quotas }: Tenant) {
  return { id, name, active, created_at: createdAt, quotas: presentQuotas(quotas) }
}

/** A name that can be no tenant's names none. */
function nameOf(request: FastifyRequest): string {
  const { name } = request.params as { name: string }
  if (!new RegExp(TENANT_NAME_PATTERN).test(name)) throw errors.tenantNotFound()
  return name
}
