// Ids of another system: marks the entity whose ids no longer order as its records were created, and refuses ids that are
// taken.
import type { Transaction } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import { markOrderedByTime } from '../../schema/entity-store.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { EARLIER_ROW, type Repetition, takenBy } from '../write/conflicts.ts'
import { RepeatedRows } from '../write/row-problem.ts'
import type { NewRecord } from '../write/written-row.ts'
import type { IncomingRecord } from './row.ts'
import type { WrittenIds } from './written-ids.ts'

/** Marks the entity, unless it is; what was decided on its old metadata is then outdated. */
export async function prepareForKeptIds(
  { db }: Pick<RecordContext, 'db'>,
  { caller, entity }: Actor,
): Promise<void> {
  if (entity.orderedByTime === true) return
  await db.transaction(caller.tenant, 'metadata', (tx) => markOrderedByTime(tx, entity))
}

/** errors.uniqueConflict when another record has the id of a row, RepeatedRows when another row has it. */
export async function refuseTakenIds(
  tx: Transaction,
  { actor: { entity, policy }, earlier }: { actor: Actor; earlier: WrittenIds },
  records: readonly NewRecord[],
  rows: readonly IncomingRecord[],
): Promise<void> {
  const given = records.flatMap(({ id }, row) => (rows[row]?.id === undefined ? [] : [{ id, row }]))
  if (given.length === 0) return
  const named = { entity, readable: policy.readable }
  const text = 'select id::text from record where tenant_id = $1 and entity_id = $2 and id = any($3::uuid[])'
  const found = await tx.query<{ id: string }>(text, [entity.tenantId, entity.id, given.map(({ id }) => id)])
  const taken = new Set(found.rows.map(({ id }) => id))
  const conflicts = given.filter(({ id }) => taken.has(id))
  if (conflicts.length > 0)
    throw errors.uniqueConflict(
      conflicts.map(({ id, row }) => {
        const holder = earlier.has(id) ? EARLIER_ROW : undefined
        return { ...takenBy(named, null, row, holder), row }
      }),
    )
  const repeated = repetitions(given).map(({ row, first }): Repetition => {
    return { violation: { ...takenBy(named, null, row), row }, first }
  })
  if (repeated.length > 0) throw new RepeatedRows(repeated)
}

/** The rows whose id an earlier row has, each with that one. */
function repetitions(given: readonly { id: string; row: number }[]) {
  const seen = new Map<string, number>()
  return given.flatMap(({ id, row }) => {
    const first = seen.get(id)
    if (first !== undefined) return [{ row, first }]
    seen.set(id, row)
    return []
  })
}
