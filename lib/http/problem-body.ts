// A refusal as it leaves: the body of an error response (RFC 9457), and the whole response where there is no request to answer.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Problem } from '../errors/problem.ts'

/** The body of every error response. */
export function renderProblem({ kind, message, extras }: Problem, requestId: string): string {
  const { code, title, status } = kind
  const { errors: violations, details, hint, plan, quota } = extras
  const type = `urn:univera:problem:${code}`
  return JSON.stringify({
    type,
    title,
    status,
    detail: message,
    code,
    message,
    details,
    request_id: requestId,
    errors: violations,
    hint,
    quota,
    plan,
  })
}

/** Writes a problem to a socket that has no request, and closes it. */
export function answerSocket(problem: Problem, socket: Socket, requestId: string): void {
  const body = renderProblem(problem, requestId)
  const headers = {
    ...problem.extras.headers,
    'content-type': 'application/problem+json; charset=utf-8',
    'x-request-id': requestId,
    'content-length': Buffer.byteLength(body),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const { status } = problem.kind
  const answer = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`
  socket.end(answer, () => socket.destroy())
}
