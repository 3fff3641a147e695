// Who does something to which entity, and what lib/access decides about it, in the words of the plan and write stages.

import type { Permissions } from '../access/permission.ts'
import { conditionOf, decide, type Policy } from '../access/policy.ts'
import type { Caller } from '../auth/caller.ts'
import type { TenantDb } from '../db/statement.ts'
import type { Entity } from '../entities/entity.ts'
import type { MissingIndexCounter } from '../indexing/missing-index-counter.ts'
import type { PlanContext } from '../query/plan/context.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'

export interface Actor {
  caller: Caller
  entity: Entity
  /** What the caller may do with the entity, and with any other. */
  policy: Policy
  policyOf(entity: Entity): Policy
  /** Every entity of the tenant, by name, for requests that may concern others than the actor's own. */
  entities: ReadonlyMap<string, Entity>
}

/** What the record stores work with; the server itself has this shape. */
export interface RecordContext {
  db: TenantDb
  registry: SchemaRegistry
  missingIndexes: MissingIndexCounter
}

export interface PageLimits {
  /** Page size without `limit`, and the largest that a client may ask for. */
  defaultLimit: number
  maxLimit: number
}

export const NO_PAGES: PageLimits = { defaultLimit: 0, maxLimit: 0 }

/** @param permissions what the tenant has said of the caller's role */
export function createActor(caller: Caller, entity: Entity, permissions: Permissions): Actor {
  const policies = new Map<number, Policy>()
  const policyOf = (of: Entity) => {
    const policy = policies.get(of.id) ?? decide(caller, of, permissions.get(of.id))
    policies.set(of.id, policy)
    return policy
  }
  return { caller, entity, policy: policyOf(entity), policyOf, entities: new Map() }
}

/** The actor of a request that concerns other entities too. */
export function withEntities(actor: Actor, entities: Actor['entities']): Actor {
  return { ...actor, entities }
}

/** Everything beside path, record and schema that decides what this caller sees: a part of every entity tag. */
export function viewOf({ caller, policy }: Actor): string {
  return `${caller.tenant.id}:${policy.view}`
}

export function planContext(actor: Actor, limits: PageLimits = NO_PAGES): PlanContext {
  const { entity, entities, policyOf } = actor
  const mayRead = (other: Entity) => policyOf(other).read !== false
  return {
    entity,
    readable: (field, of) => policyOf(of).readable(field),
    rowFilter: (of) => conditionOf(policyOf(of).read),
    lookup: (name) => [entities.get(name)].find((other) => other !== undefined && mayRead(other)),
    entities: () => [...entities.values()].filter(mayRead),
    ...limits,
  }
}
