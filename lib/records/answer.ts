// How a write answers: which outputs of the records it has written leave. Plain outputs come with the write itself; those
// of related records are read after it, in its transaction, since a statement does not see what it has just written.
import { errors } from '../errors.ts'
import { Parameters } from '../postgres/parameters.ts'
import type { Queryable, Statement } from '../postgres/queryable.ts'
import type { Query } from '../query/ast.ts'
import type { PlanContext } from '../query/plan/context.ts'
import { planLevel } from '../query/plan/level.ts'
import type { Output } from '../query/plan/level-plan.ts'
import type { OrderKey } from '../query/plan/order.ts'
import { orderBySql } from '../query/sql/order.ts'
import { recordSql } from '../query/sql/projection.ts'
import { Row } from '../query/sql/row.ts'
import { ownerSql } from '../query/sql/scope.ts'
import type { Entity } from '../schema/entity.ts'
import { runStatement } from './run-statement.ts'
import type { WrittenRow } from './write.ts'

export interface Answer {
  outputs: readonly Output[]
  /** Empty: in the order in which the records were written. */
  order: readonly OrderKey[]
  /** Whether it has to be read by a statement of its own: an output is of related records, or there is an order. */
  apart: boolean
}

/** Nothing but that it is done. */
export const NO_ANSWER: Answer = { outputs: [], order: [], apart: false }

/** Plans what `select` and `order` ask of written records. */
export function planAnswer({ select, order, embedded }: Query, context: PlanContext): Answer {
  const level = planLevel({ where: [], order, embedded }, select, context)
  if (level.kind === 'groups')
    throw errors.malformedQuery('select: aggregates are for lists; here it is records that are told.')
  const embeds = level.outputs.some(({ kind }) => kind !== 'column')
  const ordered = order.length > 0
  return { outputs: level.outputs, order: ordered ? level.order : [], apart: embeds || ordered }
}

/** Records by their ids, in this order unless the answer has another. */
export function byIdsStatement(
  entity: Entity,
  ids: readonly string[],
  { outputs, order }: Answer,
): Statement {
  const row = new Row(new Parameters())
  const listed = `unnest(${row.bind(ids, 'uuid[]')}) with ordinality as wanted(id, at)`
  const text = `select ${recordSql(outputs, row)} as record, r.version::text as version, r.id::text as id
    from record r join ${listed} on r.id = wanted.id where ${ownerSql(entity, row)}
    order by ${order.length === 0 ? 'wanted.at' : orderBySql(order, row)}`
  return { text, values: row.params.values }
}

/** The written rows as the answer wants them. */
export async function completeRows(
  tx: Queryable,
  entity: Entity,
  answer: Answer,
  rows: WrittenRow[],
): Promise<WrittenRow[]> {
  if (!answer.apart || rows.length === 0) return rows
  const ids = rows.map(({ id }) => id)
  return runStatement(tx, byIdsStatement(entity, ids, answer))
}
