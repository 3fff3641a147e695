// What lib/ asks of a logger: pino's shape, so that the server's own logger fits as it is.

type Write = (fields: object | string, message?: string) => void

export interface Log {
  info: Write
  warn: Write
  error: Write
}

/** Drops everything, for callers that have nobody to tell. */
export const silentLog: Log = { info() {}, warn() {}, error() {} }
