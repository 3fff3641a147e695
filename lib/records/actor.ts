// Who does something to which entity, and what the caller's rights make of it. Until permissions are data: everyone
// signed in reads all records; an admin changes any, another only those he has created.
import type { Caller } from '../auth/admission.ts'
import { isAdmin } from '../auth/roles.ts'
import type { TenantDb } from '../postgres/queryable.ts'
import type { PlanContext } from '../query/plan/context.ts'
import { planRecord } from '../query/plan/select.ts'
import { projection } from '../query/sql/projection.ts'
import type { Entity } from '../schema/entity.ts'
import type { SchemaRegistry } from '../schema/registry.ts'
import type { Sightings } from '../slots/sightings.ts'
import type { Answer } from './answer.ts'
import type { WriteContext } from './write.ts'

export interface Actor {
  caller: Caller
  entity: Entity
  /** Every entity of the tenant, by name, for requests that may concern others than the actor's own. */
  entities: ReadonlyMap<string, Entity>
}

/** What the record stores work with; the server itself has this shape. */
export interface Stores {
  db: TenantDb
  registry: SchemaRegistry
  sightings: Sightings
}

export interface PageLimits {
  /** Page size without `limit`, and the largest that a client may ask for. */
  defaultLimit: number
  maxLimit: number
}

export const NO_PAGES: PageLimits = { defaultLimit: 0, maxLimit: 0 }

/** The only account whose records the caller may change; undefined: anyone's. */
export function ownerOnly({ caller }: Actor): string | undefined {
  return isAdmin(caller.role) ? undefined : caller.id
}

/** Everything beside record and schema that decides what this caller sees: a part of every entity tag. */
export function viewOf({ caller }: Actor): string {
  return caller.role
}

export function planContext({ entity, entities }: Actor, limits: PageLimits = NO_PAGES): PlanContext {
  return {
    entity,
    readable: () => true,
    lookup: (name) => entities.get(name),
    entities: () => entities.values(),
    ...limits,
  }
}

/** How a write answers when nothing else is asked: with every readable field. */
export function wholeRecord(actor: Actor): Answer {
  return { outputs: planRecord(planContext(actor)), embeds: false }
}

export function writeContext(actor: Actor, answer: Answer = wholeRecord(actor)): WriteContext {
  const { caller, entity } = actor
  return {
    scope: caller.tenant,
    entity,
    author: caller.id,
    returning: (alias, parameters) => (answer.embeds ? "''" : projection(answer.outputs, parameters, alias)),
  }
}
