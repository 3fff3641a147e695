// Which records are among the rows that a caller's rule allows, asked of the database in the transaction that writes.

import type { RowRule } from '../../access/policy.ts'
import { Parameters } from '../../db/parameters.ts'
import type { Queryable, Statement } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { Condition } from '../../query/plan/condition.ts'
import { conditionSql } from '../../query/sql/condition.ts'
import { Row } from '../../query/sql/row.ts'
import { ownerSql } from '../../query/sql/scope.ts'

/** Asks which of the records meet the condition: rows of [id]. */
function allowedStatement(entity: Entity, ids: readonly string[], condition: Condition): Statement {
  const row = new Row(new Parameters())
  const text = `select r.id::text as id from record r
    where ${ownerSql(entity, row)} and r.id = any(${row.bind(ids, 'uuid[]')}) and ${conditionSql(condition, row)}`
  return { text, values: row.params.values }
}

/** The ids of the records that are among the rows. */
export async function allowedIds(
  tx: Queryable,
  entity: Entity,
  ids: readonly string[],
  rows: RowRule,
): Promise<ReadonlySet<string>> {
  if (typeof rows === 'boolean') return new Set(rows ? ids : [])
  const { text, values } = allowedStatement(entity, ids, rows.condition)
  return new Set((await tx.query<{ id: string }>(text, [...values])).rows.map(({ id }) => id))
}

/** Refuses written records that are not what they had to become; errors.rowNotAllowed names each. */
export async function requireAllowed(
  tx: Queryable,
  entity: Entity,
  ids: readonly string[],
  rows: RowRule,
): Promise<void> {
  if (rows === true || ids.length === 0) return
  const allowed = await allowedIds(tx, entity, ids, rows)
  const message = 'does not match the row filter of your permission'
  const refused = ids.flatMap((id, row) => {
    const violation = { pointer: '', keyword: 'permission', message }
    if (allowed.has(id)) return []
    return ids.length > 1 ? { ...violation, row } : violation
  })
  if (refused.length > 0) throw errors.rowNotAllowed(refused)
}
