// The plan of a page and its statements, made once for many: for all requests of one query, and of one form of queries.
import type { Entity } from '../../entities/entity.ts'
import type { Query } from '../../query/ast.ts'
import type { PlanContext } from '../../query/plan/context.ts'
import { dependsOnValues } from '../../query/plan/index-use.ts'
import { planSelection } from '../../query/plan/level.ts'
import { type ListPlan, planList } from '../../query/plan/plan-list.ts'
import { formOf, pairLeaves } from '../../query/plan/refill.ts'
import { filterFirstSql } from '../../query/sql/filter-first.ts'
import { listSql } from '../../query/sql/list.ts'
import { type EntityStatement, forEntity, withLeaves } from '../../query/sql/scope.ts'
import { type Actor, planContext, type RecordContext } from '../actor.ts'

/** A planned page, for any entity of one shape. */
export interface PlannedPage {
  plan: ListPlan
  /** Reads the page, whatever that takes; made when it is first needed. */
  whole: () => EntityStatement
  /** Reads a page that needs two indexes in bounded work; it may come to nothing. */
  filterFirst: EntityStatement | undefined
}

/** The same for one entity. */
export type PageStatements = ReturnType<typeof pageFor>

export function pageFor(entity: Entity, { plan, whole, filterFirst }: PlannedPage) {
  return {
    plan: { ...plan, entity },
    whole: () => forEntity(entity, whole()),
    filterFirst: filterFirst && forEntity(entity, filterFirst),
  }
}

/** The plan of a query, taken over from one of its form where there is one. */
export function planPage({ pageLimits, plans }: RecordContext, actor: Actor, query: Query): PlannedPage {
  const { defaultLimit, maxLimit } = pageLimits
  const purpose = `list ${defaultLimit} ${maxLimit}`
  return plans.plan(purpose, actor, query, (reader) => {
    const context = planContext(reader, pageLimits)
    const form = formOf(query)
    if (form === undefined) return makePage(query, context)
    const known = plans.ofForm(`${purpose} ${form}`, actor, query, () => makePage(query, context))
    return refill(known, query, context) ?? makePage(query, context)
  })
}

function makePage(query: Query, context: PlanContext): PlannedPage {
  const plan = planList(query, context)
  let made: EntityStatement | undefined
  const whole = () => {
    made ??= listSql(plan)
    return made
  }
  const wantsTwo = plan.kind === 'records' && dependsOnValues(plan)
  return { plan, whole, filterFirst: wantsTwo ? filterFirstSql(plan) : undefined }
}

/** The page with the values of another query; undefined when these make another plan. */
function refill({ plan, whole, filterFirst }: PlannedPage, query: Query, context: PlanContext) {
  const { where } = planSelection(query.where, context)
  const leaves = pairLeaves(plan.where, where)
  if (leaves === undefined) return undefined
  return {
    plan: { ...plan, where },
    whole: () => withLeaves(whole(), leaves),
    filterFirst: filterFirst && withLeaves(filterFirst, leaves),
  }
}
