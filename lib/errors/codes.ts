// Error codes: the SQLSTATEs that Univera raises or recognizes, and how to read one from an error.

/** SQLSTATE raised by the enter_* functions when the scope's epoch is no longer the tenant's. */
export const STALE_EPOCH = 'UV001'

/** SQLSTATE raised when less is left of a tenant's quota than a write takes. */
export const QUOTA_EXCEEDED = 'UV002'

/** SQLSTATE raised when a write would answer with more than LARGEST_ANSWER. */
export const ANSWER_TOO_LARGE = 'UV003'

/** Mebibytes of rows that a statement may answer with: all of them are in memory at once. */
export const LARGEST_ANSWER = 32

/** The SQLSTATE (or Node's error code) of an error; undefined when it has none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** True when a row was refused because another has its unique value. */
export function isUniqueViolation(error: unknown): boolean {
  return errorCode(error) === '23505'
}
