// Plan: Query x entity -> ListPlan, everything the SQL stage needs. Refuses unknown and unreadable fields,
// values of the wrong type, and a cursor that does not go with the rest.
import { errors } from '../../errors.ts'
import type { Entity } from '../../schema/entity.ts'
import type { FilterNode, Query } from '../ast.ts'
import type { Condition } from './condition.ts'
import type { PlanContext } from './context.ts'
import { decodeCursor, hashOrder } from './cursor.ts'
import { planFilter } from './filter.ts'
import { type OrderKey, planOrder } from './order.ts'
import { type Output, planSelect } from './select.ts'

/** The records an operation may touch: the entity, the caller's row filter and what the client asked for. */
export interface Scope {
  entity: Entity
  where: Condition
}

export interface ListPlan extends Scope {
  outputs: Output[]
  order: OrderKey[]
  orderHash: string
  limit: number
  offset: number
  /** The most any page of this server may hold: a constant, so that SQL text does not depend on `limit`. */
  maxLimit: number
  /** Order keys of the record after which the page begins. */
  after?: string[]
}

/** Plans a list. */
export function planList(query: Query, context: PlanContext): ListPlan {
  const { entity, maxLimit } = context
  const order = planOrder(query.order, context)
  const orderHash = hashOrder(entity, order)
  if (query.cursor !== undefined && query.offset !== undefined)
    throw errors.malformedQuery('cursor and offset exclude each other.')
  return {
    ...planScope(query.where, context),
    outputs: planSelect(query.select, context),
    order,
    orderHash,
    limit: Math.min(query.limit ?? context.defaultLimit, maxLimit),
    offset: query.offset ?? 0,
    maxLimit,
    ...(query.cursor === undefined ? {} : { after: decodeCursor(query.cursor, orderHash, order) }),
  }
}

/** Plans a filter alone, the caller's row filter included. */
export function planScope(nodes: readonly FilterNode[], context: PlanContext): Scope {
  const { entity } = context
  const asked = planFilter(nodes, context)
  const own = context.rowFilter?.(entity)
  if (own === undefined) return { entity, where: asked }
  const trusted: PlanContext = { ...context, readable: () => true }
  return { entity, where: { kind: 'all', of: [planFilter([own], trusted), asked] } }
}
