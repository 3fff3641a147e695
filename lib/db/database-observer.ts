// Has the work of a database measured, for metrics and traces. Only a server that is watched wraps its database: the others
// run exactly what they ran before.
import type { RowBatches, Statement, TenantDb } from './statement.ts'

/** The kinds of work, by the methods of TenantDb. */
export type DatabaseWork = 'read' | 'write' | 'stream' | 'transaction'

/** Takes note of one piece of work that begins; what it returns is called when the work has ended, with its error. */
export type DatabaseObserver = (
  work: DatabaseWork,
  statement: Statement | undefined,
) => (error?: unknown) => void

/** The same database, observed by everyone. A stream ends when it is closed. */
export function observedDb(db: TenantDb, observers: readonly DatabaseObserver[]): TenantDb {
  const begin = (work: DatabaseWork, statement?: Statement) => {
    const ends = observers.map((observe) => observe(work, statement))
    return (error?: unknown) => {
      for (const end of ends) end(error)
    }
  }
  return {
    read: (scope, statement) => ended(begin('read', statement), db.read(scope, statement)),
    write: (scope, ids, statement) => ended(begin('write', statement), db.write(scope, ids, statement)),
    transaction: (scope, target, work) => ended(begin('transaction'), db.transaction(scope, target, work)),
    async stream(scope, statement) {
      const end = begin('stream', statement)
      try {
        return endedByClose(end, await db.stream(scope, statement))
      } catch (error) {
        end(error)
        throw error
      }
    },
  }
}

async function ended<T>(end: (error?: unknown) => void, running: Promise<T>): Promise<T> {
  try {
    const result = await running
    end()
    return result
  } catch (error) {
    end(error)
    throw error
  }
}

function endedByClose(end: () => void, rows: RowBatches): RowBatches {
  return {
    next: () => rows.next(),
    async close() {
      await rows.close()
      end()
    },
  }
}
