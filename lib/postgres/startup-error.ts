// What keeps a start from using its database, told in a sentence; a mistake of ours keeps its stack.
import pg from 'pg'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'

/** The error to end a start with for what was thrown while the database was used. */
export function toStartError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StartError) return error
  const isTheirs =
    error instanceof pg.DatabaseError ||
    errorCode(error) !== '' ||
    /^Connection terminated/.test(error.message)
  return isTheirs
    ? new StartError(`The database cannot be used: ${reasonOf(error)}`, { cause: error })
    : error
}
