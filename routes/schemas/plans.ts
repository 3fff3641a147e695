// The plans of an entity: made by previews, carried out by the changes that name them.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { findPlan, listPlans } from '../../lib/schema/plan/plan-store.ts'
import { presentPlan, summarizePlan } from '../../lib/schema/plan/present-plan.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { pathEntity } from './definition-schemas.ts'
import { plan, planSummary } from './plan-schemas.ts'

const pathPlan = {
  type: 'object',
  required: ['entity', 'plan'],
  properties: { ...pathEntity.properties, plan: { type: 'string', description: 'The id of the plan' } },
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/:entity/plans',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listPlans',
      summary: 'List the plans of an entity',
      description: 'The last ten; those that are not carried out end after 24 hours.',
      params: pathEntity,
      response: { 200: { type: 'array', items: planSummary, description: 'Plans, newest first' } },
      refusals: ['entityNotFound'],
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/schemas/:entity/plans/:plan',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'getPlan',
      summary: 'Get a plan',
      params: pathPlan,
      response: { 200: { ...plan, description: 'The plan' } },
      refusals: ['entityNotFound', 'planNotFound'],
    },
    handler: read,
  },
]

/** Adds the routes. */
export default async function plans(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

async function list(request: EntityRequest) {
  const { db, registry } = request.server
  const { tenant } = callerOf(request)
  const entity = await registry.entity(tenant, request.params.entity)
  return (await listPlans(db, tenant, entity)).map(summarizePlan)
}

async function read(request: FastifyRequest<{ Params: { entity: string; plan: string } }>) {
  const { params, server } = request
  const { tenant } = callerOf(request)
  const entity = await server.registry.entity(tenant, params.entity)
  return presentPlan(await findPlan(server.db, tenant, { entity, id: params.plan }))
}
