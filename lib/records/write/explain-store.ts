// What stood against a refused write, found out afterwards, so that a write that succeeds costs nothing for it.

import { violatedConstraint } from '../../db/constraints.ts'
import type { TenantDb } from '../../db/statement.ts'
import { takenStatement, targetConflict, targetsStatement, uniqueConflict } from './conflicts.ts'
import type { NewRecord, WriteScope } from './written-row.ts'

/** Throws the 409 that explains a refused write of these rows, or the error itself when it is none. */
export async function explainConflict(
  { db }: { db: Pick<TenantDb, 'read'> },
  context: WriteScope,
  rows: readonly NewRecord[],
  error: unknown,
): Promise<never> {
  const constraint = violatedConstraint(error)
  if (constraint === 'unique')
    throw uniqueConflict(context, rows, await db.read(context.scope, takenStatement(context, rows)), error)
  if (constraint === 'target')
    throw targetConflict(context, rows, await db.read(context.scope, targetsStatement(context, rows)))
  throw error
}
