// A database that has vanished without a word (a host that is gone, a network that swallows everything) leaves its
// connections open and what waits on them waiting for a quarter of an hour. Here they are ended long before that.
import type { Socket } from 'node:net'
import type pg from 'pg'

/** Settings of a connection: the system asks after an idle one by itself, which also keeps firewalls from forgetting it. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const

/** Times the statement timeout: several statements may travel together and are answered together. */
const PATIENCE = 5

/** What pg's types leave out. */
interface Connected {
  connection: { stream: Socket }
  /** False while an answer is awaited. */
  readyForQuery: boolean
}

/** Connections whose work may take as long as it does. */
const patient = new WeakSet<object>()

/**
 * Ends a connection on which an answer is awaited and nothing comes.
 *
 * @param statementTimeout milliseconds after which the database itself would end a statement
 */
export function closeWhenSilent(client: pg.ClientBase, statementTimeout: number): void {
  const state = client as unknown as Connected
  const { stream } = state.connection
  stream.setTimeout(statementTimeout * PATIENCE)
  // Again and again: it also tells of every pause between statements.
  stream.on('timeout', () => {
    if (state.readyForQuery || patient.has(client)) return
    stream.destroy(new Error('Connection terminated: the database does not answer'))
  })
}

/** Runs work on a connection that may lift the statement timeout. */
export async function withoutTimeout<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  patient.add(client)
  try {
    return await work()
  } finally {
    patient.delete(client)
  }
}
