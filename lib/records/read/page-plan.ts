// The plan of a page and its statements, made once for many: for all requests of one query, and of one form of queries.
import type { Entity } from '../../entities/entity.ts'
import type { Query } from '../../query/ast.ts'
import type { PlanContext } from '../../query/plan/context.ts'
import { dependsOnValues } from '../../query/plan/index-use.ts'
import { planSelection } from '../../query/plan/level.ts'
import { isNarrowedByOthers } from '../../query/plan/narrowing.ts'
import { type ListPlan, planList } from '../../query/plan/plan-list.ts'
import { formOf, pairLeaves } from '../../query/plan/refill.ts'
import { boundedSteps } from '../../query/sql/filter-first.ts'
import { listSql } from '../../query/sql/list.ts'
import { type EntityStatement, forEntity, withLeaves } from '../../query/sql/scope.ts'
import { type Actor, planContext, type RecordContext } from '../actor.ts'

/** A planned page, for any entity of one shape. */
export interface PlannedPage {
  plan: ListPlan
  /** Makes what reads the page, whatever that takes. */
  whole: () => EntityStatement
  /** Make what reads a page that needs two indexes in bounded work, the cheapest first; each may come to nothing. */
  bounded: readonly (() => EntityStatement)[]
}

/** The same for one entity. */
export type PageStatements = ReturnType<typeof pageFor>

export function pageFor(entity: Entity, { plan, whole, bounded }: PlannedPage) {
  return {
    plan: { ...plan, entity },
    whole: () => forEntity(entity, whole()),
    bounded: bounded.map((made) => () => forEntity(entity, made())),
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
    const known = plans.ofForm(`${purpose} ${form}`, actor, () => makePage(query, context))
    return refill(known, query, context) ?? makePage(query, context)
  })
}

function makePage(query: Query, context: PlanContext): PlannedPage {
  const plan = planList(query, context)
  const wantsTwo = plan.kind === 'records' && (dependsOnValues(plan) || isNarrowedByOthers(plan.where))
  const bounded = wantsTwo ? boundedSteps(plan) : []
  return { plan, whole: once(() => listSql(plan)), bounded: bounded.map(once) }
}

/** Made when it is first asked for, and kept. */
function once(make: () => EntityStatement): () => EntityStatement {
  let made: EntityStatement | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** The page with the values of another query; undefined when these make another plan. */
function refill({ plan, whole, bounded }: PlannedPage, query: Query, context: PlanContext) {
  const { where } = planSelection(query.where, context)
  const leaves = pairLeaves(plan.where, where)
  if (leaves === undefined) return undefined
  return {
    plan: { ...plan, where },
    whole: () => withLeaves(whole(), leaves),
    bounded: bounded.map((made) => () => withLeaves(made(), leaves)),
  }
}
