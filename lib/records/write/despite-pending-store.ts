// Writes that violate a unique constraint in preparation: no write is refused for a definition that is not in force, so the
// value is left out of that constraint, and listed as a misfit.
import type { Queryable } from '../../db/statement.ts'
import type { Entity, UniqueConstraint } from '../../entities/entity.ts'
import { misfitKeyOf } from '../../entities/pending.ts'
import { TAKEN } from '../../schema/conversion/misfit-store.ts'
import { violatesTarget } from './conflicts.ts'
import { withSavepoint } from './savepoint-store.ts'
import type { StoredColumns } from './written-row.ts'

/** The row without the value of a constraint in preparation. */
export function withoutUnique<T extends StoredColumns>(
  row: T,
  constraint: UniqueConstraint,
  reason = TAKEN,
): T {
  const column = `u${constraint.slot}`
  if (row.slots[column] == null) return row
  const key = misfitKeyOf(constraint)
  const { settled = [], found = [] } = row.misfits ?? {}
  const misfits = { settled, found: [...found.filter((one) => one.key !== key), { key, reason }] }
  return { ...row, slots: { ...row.slots, [column]: null }, misfits }
}

/**
 * Runs a write of rows; if it violates only constraints in preparation, once more without their values.
 *
 * @param tx the transaction that it is part of; absent: it is one of its own
 */
export async function despitePending<Row extends StoredColumns, T>(
  { entity, tx }: { entity: Entity; tx?: Queryable },
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<T>,
): Promise<T> {
  const pending = entity.pending?.constraints ?? []
  if (pending.length === 0) return write(rows)
  const again = (error: unknown): Promise<T> => {
    const violated = pending.find((constraint) => violatesTarget(error, constraint))
    if (violated === undefined) throw error
    const left = pending.filter((one) => one !== violated)
    const without = rows.map((row) => withoutUnique(row, violated))
    const next = { entity: { ...entity, pending: { ...entity.pending, constraints: left } as never } }
    return despitePending({ ...next, ...(tx && { tx }) }, without, write)
  }
  return tx === undefined
    ? write(rows).catch(again)
    : withSavepoint(
        tx,
        () => write(rows),
        async (error) => again(error),
      )
}
