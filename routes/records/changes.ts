// The changes of an entity's records, for those who follow them.
import type { FastifyReply } from 'fastify'
import { readChanges } from '../../lib/records/changes/changes-store.ts'
import { JSON_TYPE } from '../query-request.ts'
import { admitActor, type RecordRequest } from './request.ts'

export async function changesOf(request: RecordRequest, reply: FastifyReply) {
  const { server, query, url } = request
  const actor = await admitActor(request)
  const { limit, after } = query as { limit?: number; after?: string }
  const { DEFAULT_LIMIT, MAX_LIMIT } = server.settings
  const page = await readChanges(server, actor, { after, limit: Math.min(limit ?? DEFAULT_LIMIT, MAX_LIMIT) })
  const path = url.split('?', 1)[0]
  const next = [`after=${page.cursor}`, ...(limit === undefined ? [] : [`limit=${limit}`])].join('&')
  reply.header('link', `<${path}?${next}>; rel="next"`).type(JSON_TYPE)
  return reply.send(`[${page.events.join(',')}]`)
}
