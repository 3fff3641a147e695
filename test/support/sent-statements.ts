// The statements that servers of this process send to PostgreSQL, for tests that count or note them.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Test } from 'tap'
import { type SentStatement, STATEMENT_CHANNEL } from '../../lib/db/statement-channel.ts'

/** Calls the listener with what is sent together, from now until the test ends. */
export function onStatements(t: Test, listener: (sent: readonly SentStatement[]) => void): void {
  const onMessage = (message: unknown) => listener(message as readonly SentStatement[])
  subscribe(STATEMENT_CHANNEL, onMessage)
  t.teardown(() => unsubscribe(STATEMENT_CHANNEL, onMessage))
}
