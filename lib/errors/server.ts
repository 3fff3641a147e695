// Errors that are not the caller's fault: they disclose nothing but the request id.
import { problem } from './problem.ts'

export const serverErrors = {
  internal: problem(
    { status: 500, code: 'internal_error', title: 'Internal error' },
    () => 'The server failed. Its log has the cause under the request id.',
  ),
  unavailable: problem({ status: 503, code: 'unavailable', title: 'Service unavailable' }, () => ({
    detail: 'The server is temporarily unavailable; try again shortly.',
    headers: { 'retry-after': '1' },
  })),
  insufficientStorage: problem(
    { status: 507, code: 'insufficient_storage', title: 'Insufficient storage' },
    () => ({
      detail: 'The server has too little free disk space to accept this.',
      hint: 'Delete files that are no longer needed, or ask the operator for more space.',
    }),
  ),
  statementTimeout: problem(
    { status: 503, code: 'statement_timeout', title: 'The query took too long' },
    (hint: string) => ({
      detail: 'The query was cancelled because it took too long.',
      hint,
      headers: { 'retry-after': '1' },
    }),
  ),
}
