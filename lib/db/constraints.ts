// Maps a PostgreSQL constraint violation to the constraint of a table.
import { errorCode } from '../errors/codes.ts'

/** Which constraint a database error names; undefined for any other error. */
export function violatedConstraint(error: unknown): 'unique' | 'target' | undefined {
  const constraint = (error as { constraint?: unknown }).constraint
  if (typeof constraint !== 'string') return undefined
  if (errorCode(error) === '23505' && /^record_(u\d|pkey)$/.test(constraint)) return 'unique'
  return errorCode(error) === '23503' && constraint === 'link_target' ? 'target' : undefined
}
