// Maps a PostgreSQL constraint violation to the constraint of a table.
import { errorCode, FOREIGN_KEY_VIOLATION, UNIQUE_VIOLATION } from '../errors/codes.ts'

/** The name of the constraint that a database error names; on Citus that of a shard is without its number. */
export function constraintOf(error: unknown): string | undefined {
  const { constraint } = error as { constraint?: unknown }
  return typeof constraint === 'string' ? constraint.replace(/_\d{6,}$/, '') : undefined
}

/** Which constraint a database error names; undefined for any other error. */
export function violatedConstraint(error: unknown): 'unique' | 'target' | undefined {
  const constraint = constraintOf(error)
  if (constraint === undefined) return undefined
  if (errorCode(error) === UNIQUE_VIOLATION && /^record_(u\d|pkey)$/.test(constraint)) return 'unique'
  return errorCode(error) === FOREIGN_KEY_VIOLATION && constraint === 'link_target' ? 'target' : undefined
}
