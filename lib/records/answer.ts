// How a write answers: which outputs of the records it has written leave. Plain outputs come with the write itself; those
// of related records are read after it, in its transaction, since a statement does not see what it has just written.
import { errors } from '../errors.ts'
import { Parameters } from '../postgres/parameters.ts'
import type { Queryable, Statement } from '../postgres/queryable.ts'
import type { Query } from '../query/ast.ts'
import type { PlanContext } from '../query/plan/context.ts'
import { planLevel } from '../query/plan/level.ts'
import type { Output } from '../query/plan/level-plan.ts'
import { recordSql } from '../query/sql/projection.ts'
import { Row } from '../query/sql/row.ts'
import { ownerSql } from '../query/sql/scope.ts'
import type { Entity } from '../schema/entity.ts'
import { runStatement } from './run-statement.ts'
import type { WrittenRow } from './write.ts'

export interface Answer {
  outputs: readonly Output[]
  /** Whether an output is of related records. */
  embeds: boolean
}

/** Plans what `select` asks of written records. */
export function planAnswer({ select, embedded }: Query, context: PlanContext): Answer {
  const level = planLevel({ where: [], order: [], embedded }, select, context)
  if (level.kind === 'groups')
    throw errors.malformedQuery('select: a write answers with records, not with aggregates.')
  return { outputs: level.outputs, embeds: level.outputs.some(({ kind }) => kind !== 'column') }
}

/** Records by their ids, in this order. */
export function byIdsStatement(entity: Entity, ids: readonly string[], { outputs }: Answer): Statement {
  const row = new Row(new Parameters())
  const listed = row.bind(ids, 'uuid[]')
  const text = `select ${recordSql(outputs, row)} as record, r.version::text as version, r.id::text as id
    from record r where ${ownerSql(entity, row)} and r.id = any(${listed})
    order by array_position(${listed}, r.id)`
  return { text, values: row.params.values }
}

/** The written rows as the answer wants them. */
export async function completeRows(
  tx: Queryable,
  entity: Entity,
  answer: Answer,
  rows: WrittenRow[],
): Promise<WrittenRow[]> {
  if (!answer.embeds || rows.length === 0) return rows
  return runStatement(
    tx,
    byIdsStatement(
      entity,
      rows.map(({ id }) => id),
      answer,
    ),
  )
}
