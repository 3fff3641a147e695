// Refusals of reads and writes of records.
import { problem, type Violation, violated } from './problem.ts'
import { quantity } from './quantity.ts'

export const recordErrors = {
  recordNotFound: problem(
    { status: 404, code: 'record_not_found', title: 'No such record' },
    () => 'There is no such record.',
  ),
  recordsNotFound: problem(
    { status: 404, code: 'records_not_found', title: 'Some records do not exist' },
    (violations: Violation[]) => violated(violations),
  ),
  rowNotAllowed: problem(
    { status: 403, code: 'row_not_allowed', title: 'The record is outside your permissions' },
    (violations: Violation[]) => violated(violations, 'record'),
  ),
  uniqueConflict: problem(
    { status: 409, code: 'unique_conflict', title: 'The value is taken' },
    (violations: Violation[]) => violated(violations),
  ),
  referenceConflict: problem(
    { status: 409, code: 'reference_conflict', title: 'A reference conflicts with the change' },
    (violations: Violation[]) => violated(violations, 'this'),
  ),
  patternTooCostly: problem(
    { status: 400, code: 'pattern_too_costly', title: 'Matching the pattern takes too long' },
    () => ({
      detail: 'A text is too long for the pattern of its field.',
      hint: 'Send shorter texts or fewer records at once, or give the field a simpler pattern.',
    }),
  ),
  cascadeTooLarge: problem(
    { status: 409, code: 'cascade_too_large', title: 'The delete would touch too many records' },
    (limit: number) =>
      `More than ${limit} references lead to what would be deleted; delete or change some of them first.`,
  ),
  maxAffectedExceeded: problem(
    { status: 400, code: 'PGRST124', title: 'The write would affect too many records' },
    (limit: number, count: number) => ({
      detail: `The request would write ${quantity(count, 'record')} and max-affected allows ${limit}; nothing has changed.`,
      details: `The query affects ${count} rows`,
    }),
  ),
  preconditionFailed: problem(
    { status: 412, code: 'precondition_failed', title: 'The record has changed' },
    () => 'The record has changed since the version in If-Match; fetch it again.',
  ),
}
