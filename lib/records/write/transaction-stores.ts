// The stores as a transaction sees them, for what otherwise reads on a connection of its own: whoever holds one must not
// wait for a second, and sees what it has written itself. Metadata has to be in the registry's memory by then.
import type { TenantDb, Transaction } from '../../db/statement.ts'
import type { Stores } from '../actor.ts'

export interface StoresWithin {
  db: Pick<TenantDb, 'read'>
  registry: Stores['registry']
}

export function storesWithin({ registry }: Stores, tx: Transaction): StoresWithin {
  return { registry, db: { read: (_scope, statement) => tx.read(statement) } }
}
