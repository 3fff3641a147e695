// A diagnostics channel for the statements that are sent to PostgreSQL, for tests and tracing. Publishers look for
// subscribers first, so without one it costs a property read.
// https://nodejs.org/api/diagnostics_channel.html
import { channel } from 'node:diagnostics_channel'

/** A statement that is about to be sent; without a text it is one prepared with the connection, under its name. */
export interface SentStatement {
  readonly name?: string
  readonly text?: string
  readonly values?: readonly unknown[]
}

/** The channel's name; each message is an array of SentStatement: one statement, or those of a round trip. */
export const STATEMENT_CHANNEL = 'univera:statements'

export const statementChannel = channel(STATEMENT_CHANNEL)

/** Publishes one statement; to call only while there are subscribers. */
export function publishStatement(text: string, values: readonly unknown[] = []): void {
  const message: SentStatement[] = [{ text, values }]
  statementChannel.publish(message)
}
