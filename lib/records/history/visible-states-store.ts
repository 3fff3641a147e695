// Which of many states of records a caller may see: the rule of the policy, evaluated on the states as if they were records.
import { conditionOf, type RowRule } from '../../access/policy.ts'
import { splitBySize } from '../../db/batch-size.ts'
import { Parameters } from '../../db/parameters.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { RecordState } from '../../log/record-state.ts'
import { conditionSql } from '../../query/sql/condition.ts'
import { Row } from '../../query/sql/row.ts'
import { amongImages } from './images-sql.ts'

interface Judged {
  scope: TenantScope
  entity: Entity
  rows: RowRule
}

/** Those of the states that are among the rows. */
export async function visibleStates(
  db: Pick<TenantDb, 'read'>,
  { scope, entity, rows }: Judged,
  states: readonly RecordState[],
): Promise<ReadonlySet<RecordState>> {
  if (typeof rows === 'boolean') return new Set(rows ? states : [])
  const p = new Parameters()
  const condition = conditionSql(conditionOf(rows) as never, new Row(p))
  const statement = { text: `select r.at::text from record r where ${condition}`, values: p.values }
  const visible = new Set<RecordState>()
  const sized = states.map((state) => ({ state, size: JSON.stringify(state.data).length }))
  for (const batch of splitBySize(sized)) {
    const images = batch.map(({ state }, at) => ({ state, at }))
    for (const [at] of await db.read(scope, amongImages(entity, images, statement)))
      visible.add((batch[Number(at)] as { state: RecordState }).state)
  }
  return visible
}
