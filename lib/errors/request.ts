// Refusals of a request by HTTP's own rules, before an entity is looked up.
import { problem, type Violation, violated } from './problem.ts'
import { quantity } from './quantity.ts'

export const requestErrors = {
  malformedRequest: problem(
    { status: 400, code: 'malformed_request', title: 'The request cannot be read' },
    (reason: string) => ({ detail: reason, headers: { connection: 'close' } }),
  ),
  requestTimeout: problem(
    { status: 408, code: 'request_timeout', title: 'The request took too long to arrive' },
    () => ({
      detail: 'The request did not arrive in time; send it again.',
      headers: { connection: 'close' },
    }),
  ),
  headTooLarge: problem(
    { status: 431, code: 'head_too_large', title: 'Request header fields too large' },
    () => ({
      detail: 'The request line and the header fields are longer than this server accepts.',
      headers: { connection: 'close' },
    }),
  ),
  invalidBody: problem(
    { status: 400, code: 'invalid_body', title: 'The body is not valid' },
    (violations: Violation[]) => violated(violations),
  ),
  malformedBody: problem(
    { status: 400, code: 'malformed_body', title: 'The body cannot be read' },
    (reason: string) => reason,
  ),
  invalidParameter: problem(
    { status: 400, code: 'invalid_parameter', title: 'A parameter is not valid' },
    (detail: string, hint?: string) => ({ detail, ...(hint === undefined ? {} : { hint }) }),
  ),
  routeNotFound: problem(
    { status: 404, code: 'not_found', title: 'Not found' },
    (path: string) => `No route matches ${path}.`,
  ),
  methodNotAllowed: problem(
    { status: 405, code: 'method_not_allowed', title: 'Method not allowed' },
    (method: string, allowed: string[]) => ({
      detail: `${method} is not allowed here; allowed: ${allowed.join(', ')}.`,
      headers: { allow: allowed.join(', ') },
    }),
  ),
  notAcceptable: problem(
    { status: 406, code: 'not_acceptable', title: 'Not acceptable' },
    (offered: string[]) => `This resource is available as ${offered.join(', ')}.`,
  ),
  bodyTooLarge: problem(
    { status: 413, code: 'body_too_large', title: 'The body is too large' },
    (limit: number, hint: string) => ({
      detail: `The body may have at most ${quantity(limit, 'byte')}.`,
      hint,
    }),
  ),
  tooManyRows: problem(
    { status: 413, code: 'too_many_rows', title: 'The body has too many rows' },
    (detail: string) => ({
      detail,
      hint: 'Split the body, or send the rows as NDJSON (application/x-ndjson) or CSV (text/csv) by POST, where their number is not limited; Prefer: resolution=merge-duplicates changes records that exist.',
    }),
  ),
  /** The status is nginx's; it appears in logs alone. */
  clientGone: problem(
    { status: 499, code: 'client_gone', title: 'The client has closed the connection' },
    () => 'The connection was closed before the request was done; nothing has changed.',
  ),
  unsupportedMediaType: problem(
    { status: 415, code: 'unsupported_media_type', title: 'Unsupported media type' },
    (detail: string) => detail,
  ),
  tooManyRequests: problem(
    { status: 429, code: 'too_many_requests', title: 'Too many requests' },
    (seconds: number) => ({
      detail: `Too many requests; try again in ${seconds} s.`,
      headers: { 'retry-after': String(seconds) },
    }),
  ),
}
