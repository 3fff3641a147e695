// Plan: Query x entity -> ListPlan, the whole input of the SQL stage. Refuses unknown and unreadable fields, values of the
// wrong type, and a cursor of another list.

import { errors } from '../../errors.ts'
import type { Query } from '../ast.ts'
import type { PlanContext } from './context.ts'
import { decodeCursor, hashOrder } from './cursor.ts'
import { planLevel } from './level.ts'
import type { GroupsPlan, RecordsPlan } from './level-plan.ts'

export interface Paging {
  limit: number
  offset: number
  /** The most any page of this server may hold: a constant, so that SQL text does not depend on `limit`. */
  maxLimit: number
}

export interface RecordsList extends RecordsPlan, Paging {
  /** Order keys of the record after which the page begins. */
  after?: string[]
}

export type ListPlan = RecordsList | (GroupsPlan & Paging)

/** Plans a list. */
export function planList(query: Query, context: PlanContext): ListPlan {
  if (query.cursor !== undefined && query.offset !== undefined)
    throw errors.malformedQuery('cursor and offset exclude each other.')
  const { maxLimit } = context
  const limit = Math.min(query.limit ?? context.defaultLimit, maxLimit)
  const paging = { limit, offset: query.offset ?? 0, maxLimit }
  const level = planLevel(query, query.select, context)
  if (level.kind === 'records') return { ...level, ...paging, ...planCursor(query.cursor, level) }
  if (query.cursor !== undefined) throw errors.malformedQuery('cursor does not work with aggregates.')
  return { ...level, ...paging }
}

function planCursor(cursor: string | undefined, { entity, order }: RecordsPlan) {
  return cursor === undefined ? {} : { after: decodeCursor(cursor, hashOrder(entity, order), order) }
}
