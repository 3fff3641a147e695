// The answer to a change that is prepared beside live traffic: the definition once it is in force, or where to ask how far it is.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Entity } from '../../lib/entities/entity.ts'
import { parsePrefer } from '../../lib/query/prefer.ts'
import { awaitChange } from '../../lib/schema/conversion/await-store.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { etagOf } from './definition-etag.ts'

/** Seconds that a client waits, unless `Prefer: wait` says otherwise. */
const PATIENCE = 30

/** Seconds after which it is worth asking again. */
const RETRY_AFTER = '5'

export const begunChange = {
  type: 'object',
  description:
    'The change is being prepared while records are read and written; `Location` says how far it is',
  properties: { id: { type: 'string', description: 'The plan that is carried out' } },
}

/** @param begun the entity as it was, and the id of the change */
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
  return reply.code(202).header('location', location).header('retry-after', RETRY_AFTER).send({ id })
}
