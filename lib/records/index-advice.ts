// Counts the indexes that a query lacked; a statement timeout becomes a 503 whose hint names one.

import { errorCode, QUERY_CANCELED } from '../errors/codes.ts'
import { errors } from '../errors.ts'
import type { Field } from '../fields/field.ts'
import { timeoutHint, type Watched } from '../indexing/missing-indexes.ts'
import { type Actor, planContext, type RecordContext } from './actor.ts'

/** Runs the statements of a plan; errors.statementTimeout. */
export async function withIndexAdvice<T>(
  { missingIndexes }: RecordContext,
  actor: Actor,
  plan: Watched,
  run: () => Promise<T>,
): Promise<T> {
  missingIndexes.note(plan)
  try {
    return await run()
  } catch (error) {
    if (errorCode(error) !== QUERY_CANCELED) throw error
    const { readable, hidden } = planContext(actor)
    const isReadable = (field: Field) => readable(field, plan.entity)
    throw errors.statementTimeout(timeoutHint(plan, isReadable, hidden?.(plan.entity)))
  }
}
