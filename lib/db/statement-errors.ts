// Classifies errors by what they say of a transaction: which statement's fault it was, and whether it may run again.
import pg from 'pg'
import {
  DEADLOCK_DETECTED,
  errorCode,
  LOCK_NOT_AVAILABLE,
  OPERATOR_INTERVENTION,
  SERIALIZATION_FAILURE,
  STALE_EPOCH,
} from '../errors/codes.ts'

/** Severities that end a connection, or all of them: perhaps while a commit is written, so its outcome is unknown. */
const ENDS_CONNECTION = new Set<string | undefined>(['FATAL', 'PANIC'])

/** Whether PostgreSQL has refused one statement and undone its transaction; a lost connection says neither. */
export function isStatementError(error: Error): boolean {
  if (!(error instanceof pg.DatabaseError) || ENDS_CONNECTION.has(error.severity)) return false
  const code = errorCode(error)
  return code !== STALE_EPOCH && !code.startsWith(OPERATOR_INTERVENTION)
}

/** Whether a transaction was undone for the sake of another, so that it may simply run again. */
export function isDeadlock(error: unknown): boolean {
  const code = errorCode(error)
  return code === DEADLOCK_DETECTED || code === SERIALIZATION_FAILURE
}

/** Whether a transaction was undone for the sake of another, or gave up waiting for a lock. */
export function isLockFailure(error: unknown): boolean {
  return isDeadlock(error) || errorCode(error) === LOCK_NOT_AVAILABLE
}
