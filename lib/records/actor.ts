// The actor of a request for records: the caller, the entity and the policy that lib/access decides for both, in the terms of
// the plan and write stages.

import type { Permissions } from '../access/permission.ts'
import { conditionOf, decide, type Policy } from '../access/policy.ts'
import type { Caller } from '../auth/caller.ts'
import type { TenantDb } from '../db/statement.ts'
import type { Awaited } from '../db/while-awaited.ts'
import type { Entity } from '../entities/entity.ts'
import type { MissingIndexCounter } from '../indexing/missing-indexes.ts'
import type { FileUrls, PlanContext } from '../query/plan/context.ts'
import { isFiles } from '../query/plan/file-columns.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import type { RecordEtags } from './format/record-etags.ts'
import type { PlanCache } from './plan-cache.ts'

export interface Actor extends Awaited {
  caller: Caller
  entity: Entity
  /** What the caller may do with the entity; policyOf: with any other. */
  policy: Policy
  policyOf(entity: Entity): Policy
  /** Every entity of the tenant by name, for requests that embed others; else empty. */
  entities: ReadonlyMap<string, Entity>
  /** How addresses of embedded files are written; absent: without a signature. */
  fileUrls?: FileUrls | undefined
}

/** The context of the record stores; the server itself has this shape. */
export interface RecordContext {
  db: TenantDb
  registry: SchemaRegistry
  missingIndexes: MissingIndexCounter
  pageLimits: PageLimits
  plans: PlanCache
  recordEtags: RecordEtags
}

export interface PageLimits {
  /** Page size without `limit`, and the largest that a client may ask for. */
  defaultLimit: number
  maxLimit: number
}

/** For plans of other things than lists. */
export const NO_PAGES: PageLimits = { defaultLimit: 0, maxLimit: 0 }

/** @param permissions those of the caller's role */
export function createActor(caller: Caller, entity: Entity, permissions: Permissions): Actor {
  const policies = new Map<number, Policy>()
  const policyOf = (of: Entity) => {
    const policy = policies.get(of.id) ?? decide(caller, of, permissions)
    policies.set(of.id, policy)
    return policy
  }
  return { caller, entity, policy: policyOf(entity), policyOf, entities: new Map() }
}

/** The actor of a request that concerns other entities too. */
export function withEntities(actor: Actor, entities: Actor['entities']): Actor {
  return { ...actor, entities }
}

export function planContext(actor: Actor, limits: PageLimits = NO_PAGES): PlanContext {
  const { entity, entities, policyOf, fileUrls } = actor
  const mayRead = (other: Entity) => policyOf(other).read !== false
  return {
    entity,
    readable: (field, of) => policyOf(of).readable(field),
    hidden: (of) => policyOf(of).hidden,
    // Files are met through records alone, by the filters of those.
    rowFilter: (of) => (isFiles(of) ? undefined : conditionOf(policyOf(of).read)),
    lookup: (name) => [entities.get(name)].find((other) => other !== undefined && mayRead(other)),
    entities: () => [...entities.values()].filter(mayRead),
    ...limits,
    fileUrls,
  }
}
