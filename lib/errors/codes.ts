// Names for the error codes that the code distinguishes: SQLSTATEs as in PostgreSQL's manual, those that Univera raises itself;
// reads the code of an error.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

/** A row refers to another that does not exist, or is referred to and was to be deleted. */
export const FOREIGN_KEY_VIOLATION = '23503'

/** Another row has the unique value. */
export const UNIQUE_VIOLATION = '23505'

/** A prepared statement of that name does not exist on the connection. */
export const INVALID_SQL_STATEMENT_NAME = '26000'

/** The transaction was rolled back because of concurrent ones; it may be retried. */
export const SERIALIZATION_FAILURE = '40001'

/** The transaction was rolled back to end a deadlock; it may be retried. */
export const DEADLOCK_DETECTED = '40P01'

export const INSUFFICIENT_PRIVILEGE = '42501'

/** A role or another object of that name exists. */
export const DUPLICATE_OBJECT = '42710'

export const TOO_MANY_CONNECTIONS = '53300'

/** A lock was not granted within lock_timeout. */
export const LOCK_NOT_AVAILABLE = '55P03'

/** The statement took longer than statement_timeout. */
export const QUERY_CANCELED = '57014'

/** PostgreSQL is starting, shutting down or recovering. */
export const CANNOT_CONNECT_NOW = '57P03'

/** An internal error of PostgreSQL, such as two sessions that update one row of a catalog. */
export const INTERNAL_ERROR = 'XX000'

/** Of the error that stands for a refused epoch: the scope's is no longer the tenant's. */
export const STALE_EPOCH = 'UV001'

/** Raised by a write that needs more than is left of the tenant's quota. */
export const QUOTA_EXCEEDED = 'UV002'

/** Raised by a statement whose result would exceed LARGEST_ANSWER. */
export const ANSWER_TOO_LARGE = 'UV003'

/** Raised on Citus by a statement whose tenant is on another node. */
export const TENANT_ELSEWHERE = 'UV005'

/** The class of operator_intervention without its last two characters: a cancelled statement, a server that shuts down. */
export const OPERATOR_INTERVENTION = '57P'

/** Largest result of a statement in mebibytes, all of which is in memory at once. */
export const LARGEST_ANSWER = 32

/** The SQLSTATE of an error, or Node's code of a system error; '' for an error without one. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0])
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** Whether the error is a unique violation. */
export function isUniqueViolation(error: unknown): boolean {
  return errorCode(error) === UNIQUE_VIOLATION
}
