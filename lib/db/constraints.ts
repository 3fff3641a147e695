// Maps a PostgreSQL constraint violation to the constraint of a table.
import { errorCode, FOREIGN_KEY_VIOLATION, UNIQUE_VIOLATION } from '../errors/codes.ts'

/** Which constraint a database error names; undefined for any other error. */
export function violatedConstraint(error: unknown): 'unique' | 'target' | undefined {
  const constraint = (error as { constraint?: unknown }).constraint
  if (typeof constraint !== 'string') return undefined
  if (errorCode(error) === UNIQUE_VIOLATION && /^record_(u\d|pkey)$/.test(constraint)) return 'unique'
  return errorCode(error) === FOREIGN_KEY_VIOLATION && constraint === 'link_target' ? 'target' : undefined
}
