// Refusals of what reads the log of changes.
import { problem } from './problem.ts'

export const historyErrors = {
  historyOff: problem(
    { status: 409, code: 'history_off', title: 'No history is kept' },
    (entity: string) => ({
      detail: `Earlier states of the records of ${entity} are not kept.`,
      hint: 'An admin switches it on with "history": true in the definition; what happens from then on is kept.',
    }),
  ),
  feedOff: problem(
    { status: 409, code: 'feed_off', title: 'Changes cannot be followed' },
    (entity: string) => ({
      detail: `The changes of the records of ${entity} are not kept for those who follow them.`,
      hint: 'An admin switches it on with "feed": true in the definition.',
    }),
  ),
  historyBeginsLater: problem(
    { status: 404, code: 'history_begins_later', title: 'The history begins later' },
    (since: string) =>
      `The history is complete from ${since} on; of earlier states nothing certain is known.`,
  ),
  asOfTooCostly: problem(
    { status: 400, code: 'as_of_too_costly', title: 'Too much has changed since' },
    (limit: string) => ({
      detail: `Since that time there have been more than ${limit} of changes, all of which would have to be read.`,
      hint: 'Name one record: GET /{entity}/{id}?as_of=..; or a later time.',
    }),
  ),
  cursorExpired: problem({ status: 410, code: 'cursor_expired', title: 'The cursor has expired' }, () => ({
    detail: 'The changes after this cursor are not kept any more, or it comes from another database.',
    hint: 'Get the list of the records again, and follow the changes from a cursor taken before it: GET /{entity}/changes.',
  })),
  recordExists: problem({ status: 409, code: 'record_exists', title: 'The record is not deleted' }, () => ({
    detail: 'The record is there; there is nothing to bring back.',
    hint: 'Send {"version": n} to set it back to an earlier version.',
  })),
}
