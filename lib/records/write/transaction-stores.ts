// The stores as a transaction sees them, for what otherwise reads on a connection of its own: the holder of one must not
// wait for a second, and reads its own writes. Metadata has to be in the registry's memory by then.
import type { TenantDb, Transaction } from '../../db/statement.ts'
import type { RecordContext } from '../actor.ts'

export interface TransactionContext {
  db: Pick<TenantDb, 'read'>
  registry: RecordContext['registry']
}

export function storesWithin({ registry }: RecordContext, tx: Transaction): TransactionContext {
  return { registry, db: { read: (_scope, statement) => tx.read(statement) } }
}
