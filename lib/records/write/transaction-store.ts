// Writes of many records in one transaction: rows are read and locked, changed in Node and written back. With
// `Prefer: tx=rollback` everything happens and nothing stays.

import { settle } from '../../db/quota-counters.ts'
import type { Transaction } from '../../db/statement.ts'
import { whileAwaited } from '../../db/while-awaited.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Actor, RecordContext } from '../actor.ts'

/** Leaves a transaction with its result and without its changes. */
class RolledBack extends Error {
  readonly result: unknown

  constructor(result: unknown) {
    super('rolled back on request')
    this.result = result
  }
}

export interface TransactionOptions {
  entities: readonly Entity[]
  rollback: boolean
}

/** Runs the work in one transaction that may write records of the entities; errors.clientGone when nobody awaits it any more. */
export async function inTransaction<T>(
  { db }: Pick<RecordContext, 'db'>,
  actor: Actor,
  { entities, rollback }: TransactionOptions,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  // In one order, or two transactions could wait for each other's lock.
  const ids = [...new Set(entities.map(({ id }) => id))].sort((a, b) => a - b)
  try {
    return await db.transaction(actor.caller.tenant, ids, async (tx) => {
      const result = await work(whileAwaited(tx, actor))
      if (rollback) {
        await settle(tx, actor.caller.tenant)
        throw new RolledBack(result)
      }
      return result
    })
  } catch (error) {
    if (error instanceof RolledBack) return error.result as T
    throw error
  }
}
