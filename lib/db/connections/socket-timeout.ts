// Closes connections to a database that has stopped answering. Without it a host that is gone, or a network that drops
// packets, would leave requests waiting for a quarter of an hour.
import type pg from 'pg'
import { isAwaitingAnswer, socketOf } from './pg-adapter.ts'

/** Connection settings: TCP probes an idle connection, which also keeps it in the tables of firewalls. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const

/** Times the statement timeout: several statements may travel together and are answered together. */
const PATIENCE = 5

/** Per connection: those whose work may take as long as it does. */
const withoutLimit = new WeakSet<pg.ClientBase>()

/**
 * Closes a connection on which an answer is awaited and nothing arrives.
 *
 * @param statementTimeout milliseconds after which the database itself would end a statement
 */
export function closeWhenSilent(client: pg.ClientBase, statementTimeout: number): void {
  const socket = socketOf(client)
  socket.setTimeout(statementTimeout * PATIENCE)
  // It also fires in a pause between statements, and again after each.
  socket.on('timeout', () => {
    if (!isAwaitingAnswer(client) || withoutLimit.has(client)) return
    socket.destroy(new Error('Connection terminated: the database does not answer'))
  })
}

/** Runs work on a connection that may lift the statement timeout. */
export async function withoutTimeout<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  withoutLimit.add(client)
  try {
    return await work()
  } finally {
    withoutLimit.delete(client)
  }
}
