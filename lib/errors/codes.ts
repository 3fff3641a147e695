// The codes of errors that are told apart: SQLSTATEs by the names of PostgreSQL's manual, those that Univera raises itself,
// and how to read one from an error.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

/** A row refers to another that does not exist, or is referred to and was to be deleted. */
export const FOREIGN_KEY_VIOLATION = '23503'

/** Another row has the unique value. */
export const UNIQUE_VIOLATION = '23505'

/** A prepared statement of that name does not exist on the connection. */
export const INVALID_SQL_STATEMENT_NAME = '26000'

/** The transaction was undone for the sake of concurrent ones; it may run again. */
export const SERIALIZATION_FAILURE = '40001'

/** The transaction was undone to end a deadlock; it may run again. */
export const DEADLOCK_DETECTED = '40P01'

export const INSUFFICIENT_PRIVILEGE = '42501'

/** A role of that name exists, and other objects alike. */
export const DUPLICATE_OBJECT = '42710'

export const TOO_MANY_CONNECTIONS = '53300'

/** A lock was not granted within lock_timeout. */
export const LOCK_NOT_AVAILABLE = '55P03'

/** The statement took longer than statement_timeout. */
export const QUERY_CANCELED = '57014'

/** PostgreSQL is starting, shutting down or recovering. */
export const CANNOT_CONNECT_NOW = '57P03'

/** PostgreSQL's own inconsistency; so it reports that two sessions update one row of a catalog. */
export const INTERNAL_ERROR = 'XX000'

/** Raised by the enter_* functions when the scope's epoch is no longer the tenant's. */
export const STALE_EPOCH = 'UV001'

/** Raised when less is left of a tenant's quota than a write takes. */
export const QUOTA_EXCEEDED = 'UV002'

/** Raised when a write would answer with more than LARGEST_ANSWER. */
export const ANSWER_TOO_LARGE = 'UV003'

/** The first characters of the SQLSTATEs of operator_intervention: a statement was cancelled, or the server shuts down. */
export const OPERATOR_INTERVENTION = '57P'

/** Mebibytes of rows that a statement may answer with: all of them are in memory at once. */
export const LARGEST_ANSWER = 32

/** The SQLSTATE, or the code that Node gives to a system error; '' for an error without one. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0])
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** Whether a row was refused because another has its unique value. */
export function isUniqueViolation(error: unknown): boolean {
  return errorCode(error) === UNIQUE_VIOLATION
}
