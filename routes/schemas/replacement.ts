// The change that a request asks for: a definition in the body, or a version to go back to.
import type { FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { acceptedVersions } from '../../lib/http/etag.ts'
import { DEFAULT_GRACE_DAYS, graceOf } from '../../lib/schema/change/aliases.ts'
import { readDefinition } from '../../lib/schema/change/definition-store.ts'
import type { Replacement } from '../../lib/schema/change/replace-store.ts'
import { restoredDefinition } from '../../lib/schema/change/rollback.ts'
import type { Otherwise } from '../../lib/schema/conversion/convert-options.ts'
import { findVersion } from '../../lib/schema/version-store.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

/** What every change of the entity has. */
function changeOf({ headers, raw, server }: FastifyRequest, caller: ReturnType<typeof callerOf>) {
  return {
    tenantId: caller.tenant.id,
    versions: acceptedVersions(headers['if-match']),
    grace: graceOf(server.clock.now(), DEFAULT_GRACE_DAYS),
    actor: caller,
    isAbandoned: () => raw.socket.destroyed,
  }
}

/** A whole definition, as the body has it. */
export async function replacementOf(request: EntityRequest): Promise<Replacement> {
  const { body, params, server } = request
  const caller = callerOf(request)
  const current = await server.registry.entity(caller.tenant, params.entity)
  const context = { segments: server.routeSegments, current }
  const parsed = await readDefinition(server.db, caller.tenant, body, context)
  const common = changeOf(request, caller)
  return { ...common, action: 'schema.change', name: current.name, revise: () => parsed }
}

export interface RollbackBody {
  version: number
  otherwise?: Otherwise
}

/** The way back to a version; errors.versionNotFound. */
export async function rollbackOf(request: EntityRequest & { body: RollbackBody }): Promise<Replacement> {
  const { body, params, server } = request
  const caller = callerOf(request)
  const current = await server.registry.entity(caller.tenant, params.entity)
  const target = await findVersion(server.db, caller.tenant, current, String(body.version))
  const common = changeOf(request, caller)
  const revise: Replacement['revise'] = (now) => restoredDefinition(now, target, body.otherwise)
  return { ...common, action: 'schema.rollback', name: current.name, revise }
}
