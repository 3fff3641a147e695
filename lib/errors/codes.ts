// Error codes: the SQLSTATEs that Univera raises or recognizes, and how to read one from an error.

/** SQLSTATE raised by the enter_* functions when the scope's epoch is no longer the tenant's. */
export const STALE_EPOCH = 'UV001'

/** SQLSTATE raised when less is left of a tenant's quota than a write takes. */
export const QUOTA_EXCEEDED = 'UV002'

/** SQLSTATE raised when a write would answer with more than LARGEST_ANSWER. */
export const ANSWER_TOO_LARGE = 'UV003'

/** SQLSTATE foreign_key_violation. */
export const FOREIGN_KEY_VIOLATION = '23503'

/** SQLSTATE unique_violation. */
export const UNIQUE_VIOLATION = '23505'

/** SQLSTATE invalid_sql_statement_name: nothing is prepared under that name. */
export const INVALID_STATEMENT_NAME = '26000'

/** SQLSTATE serialization_failure. */
export const SERIALIZATION_FAILURE = '40001'

/** SQLSTATE deadlock_detected. */
export const DEADLOCK_DETECTED = '40P01'

/** SQLSTATE too_many_connections: of the server, the database or the role. */
export const TOO_MANY_CONNECTIONS = '53300'

/** SQLSTATE lock_not_available: lock_timeout has passed. */
export const LOCK_NOT_AVAILABLE = '55P03'

/** The first characters of the SQLSTATEs of operator_intervention: a statement was cancelled, or the server shuts down. */
export const OPERATOR_INTERVENTION = '57P'

/** Mebibytes of rows that a statement may answer with: all of them are in memory at once. */
export const LARGEST_ANSWER = 32

/** The SQLSTATE (or Node's error code) of an error; undefined when it has none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** True when a row was refused because another has its unique value. */
export function isUniqueViolation(error: unknown): boolean {
  return errorCode(error) === UNIQUE_VIOLATION
}
