// What the server tells when the fault is not the caller's: nothing but the request id.
import { problem } from './problem.ts'

export const serverErrors = {
  internal: problem(
    { status: 500, code: 'internal_error', title: 'Internal error' },
    () => 'The server failed; the request id finds the reason in its log.',
  ),
  unavailable: problem({ status: 503, code: 'unavailable', title: 'Service unavailable' }, () => ({
    detail: 'The server cannot answer now; try again shortly.',
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
      detail: 'The query was ended because it took too long.',
      hint,
      headers: { 'retry-after': '1' },
    }),
  ),
}
