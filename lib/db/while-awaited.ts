// Ends long work whose client has closed the connection: between its steps, and in a transaction before each statement, so
// that the transaction is rolled back.

import { errors } from '../errors.ts'
import type { Transaction } from './statement.ts'

/** A request whose answer somebody may have stopped waiting for. */
export interface Awaited {
  /** Whether the client has closed its connection; absent: there is none. */
  isAbandoned?: (() => boolean) | undefined
}

/** errors.clientGone when nobody awaits the outcome any more; called between the steps of work that may be long. */
export function requireClient({ isAbandoned }: Awaited): void {
  if (isAbandoned?.()) throw errors.clientGone()
}

/** The transaction with errors.clientGone instead of a statement that nobody awaits. */
export function whileAwaited(tx: Transaction, request: Awaited): Transaction {
  if (request.isAbandoned === undefined) return tx
  return {
    async query(text, values) {
      requireClient(request)
      return tx.query(text, values)
    },
    async read(statement) {
      requireClient(request)
      return tx.read(statement)
    },
  }
}
