// The answer to a change that is prepared beside live traffic: the definition once it is in force, or where to ask how far it is.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { onPresentEpoch } from '../../lib/db/current-epoch.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { parsePrefer } from '../../lib/query/prefer.ts'
import { awaitChange } from '../../lib/schema/conversion/await-store.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { findPlan } from '../../lib/schema/plan/plan-store.ts'
import { presentPlan } from '../../lib/schema/plan/present-plan.ts'
import { etagOf } from './definition-etag.ts'
import { plan } from './plan-schemas.ts'

/** Seconds that a client waits, unless `Prefer: wait` says otherwise. */
const PATIENCE = 30

/** Seconds after which it is worth asking again. */
const RETRY_AFTER = '5'

export const begunChange = {
  ...plan,
  description: 'The change is being prepared while records are read and written; `Location` is its plan',
}

/** @param begun the entity as it was, and the plan of the change */
export async function sendBegun(
  request: FastifyRequest,
  reply: FastifyReply,
  { entity: before, begun: id }: { entity: Entity; begun: string },
) {
  const { headers, server } = request
  const { wait = PATIENCE } = parsePrefer(headers.prefer)
  void server.conversions.run()
  const isAbandoned = () => request.raw.socket.destroyed
  const entity = await awaitChange(server, { entity: before, id, most: wait * 1000, isAbandoned })
  if (entity !== undefined) return reply.header('etag', etagOf(entity)).send(presentDefinition(entity))
  const location = `/schemas/${before.name}/plans/${id}`
  const running = await onPresentEpoch(server.directory, before.tenantId, (scope) =>
    findPlan(server.db, scope, { entity: before, id }),
  )
  return reply.code(202).headers({ location, 'retry-after': RETRY_AFTER }).send(presentPlan(running))
}
