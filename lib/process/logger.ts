// The log of a process: JSON lines for machines, coloured lines on a terminal. Written at once, so that nothing is
// lost when the process ends.
import { type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'

/** The log on standard output. */
export function createLogger(level: string): Logger {
  const options = { level, timestamp: stdTimeFunctions.isoTime, serializers: { err: describeError } }
  if (!process.stdout.isTTY) return pino(options)
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }))
}

/** Without the connection that the pool hangs on its errors: pages of state, and the key to cancel its queries. */
function describeError(error: Error): object {
  return { ...stdSerializers.err(error), client: undefined }
}

/** Tells the operator, whatever LOG_LEVEL says. */
export function announce(message: string): void {
  process.stdout.write(`${message}\n`)
}
