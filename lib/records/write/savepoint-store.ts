// A part of a transaction that may fail without spoiling the rest.
import type { Queryable } from '../../db/statement.ts'

/**
 * Runs the work; when it fails its changes are undone and the transaction goes on.
 *
 * @param onFailure runs then, in the same transaction, and says what the failure means
 */
export async function withSavepoint<T>(
  tx: Queryable,
  work: () => Promise<T>,
  onFailure: (error: unknown) => Promise<T>,
): Promise<T> {
  await tx.query('savepoint attempt')
  try {
    const result = await work()
    await tx.query('release savepoint attempt')
    return result
  } catch (error) {
    // Released too, so that a savepoint around this one is the last of its name again.
    await tx.query('rollback to savepoint attempt; release savepoint attempt')
    return onFailure(error)
  }
}
