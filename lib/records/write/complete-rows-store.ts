// Reads written records again by id when the representation needs more than the write returns (embeds, computed shapes).

import { Parameters } from '../../db/parameters.ts'
import type { Queryable, Statement } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { orderBySql } from '../../query/sql/order.ts'
import { recordSql } from '../../query/sql/projection.ts'
import { Row } from '../../query/sql/row.ts'
import { ownerSql } from '../../query/sql/scope.ts'
import type { ReturnPlan } from '../return-plan.ts'
import { runStatement } from './run-statement-store.ts'
import type { WrittenRow } from './written-row.ts'

/** Records by their ids, in this order unless the answer has another. */
export function byIdsStatement(
  entity: Entity,
  ids: readonly string[],
  { outputs, order }: ReturnPlan,
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
  answer: ReturnPlan,
  rows: WrittenRow[],
): Promise<WrittenRow[]> {
  if (!answer.apart || rows.length === 0) return rows
  const ids = rows.map(({ id }) => id)
  return runStatement(tx, byIdsStatement(entity, ids, answer))
}
