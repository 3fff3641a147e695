// Translates thrown errors to Problems: those of Fastify, Node and PostgreSQL by their codes; a Problem stays as it is.

import { errors } from '../errors.ts'
import { ANSWER_TOO_LARGE, errorCode, LARGEST_ANSWER, QUERY_CANCELED, QUOTA_EXCEEDED } from './codes.ts'
import { Problem, type Violation } from './problem.ts'

interface FrameworkError extends Error {
  statusCode?: number
  /** The violations that the validation plugin has found. */
  validation?: Violation[]
  validationContext?: string
}

function fromValidation(violations: Violation[], context: string | undefined): Problem {
  if (context === 'body') return errors.invalidBody(violations)
  return errors.invalidParameter(violations.map((v) => `${v.pointer.slice(1)} ${v.message}`).join('; '))
}

/** Temporary conditions: codes of PostgreSQL, its connections, the network and the disk. */
const UNAVAILABLE =
  /^(08...|25006|28...|3D000|53...|40P01|40001|57P0[1-5]|25P03|55P03|ECONN.*|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENOSPC|EDQUOT|EMFILE|ENFILE)$/

/** The refusal of a write by the database because a quota is exhausted. */
function fromQuota(error: Error & { detail?: string }): Problem {
  const { quota, limit, free, wanted } = JSON.parse(error.detail ?? '{}')
  return errors.quotaExceeded({ quota, limit, used: limit - free }, wanted)
}

/** Messages of pg and its pool for lost connections, which have no code. */
const LOST_CONNECTION =
  /^(timeout exceeded when|timeout expired|Connection terminated|Client .* is not queryable)/

/** Whether a connection could not be made, for any reason: while PostgreSQL restarts its socket does not exist. */
const isConnectFailure = (error: Error) => 'syscall' in error && error.syscall === 'connect'

function fromCode(error: FrameworkError): Problem | undefined {
  const code = errorCode(error)
  if (code === QUOTA_EXCEEDED) return fromQuota(error)
  if (code === ANSWER_TOO_LARGE) return errors.answerTooLarge(LARGEST_ANSWER)
  if (code === QUERY_CANCELED)
    return errors.statementTimeout('Request less at once, or narrow the query by an indexed field.')
  // A limit of PostgreSQL itself: a statement too complex, an answer of more than a gigabyte.
  if (code.startsWith('54'))
    return errors.malformedQuery('The query exceeds a limit of PostgreSQL; select or embed less.')
  if (code === 'FST_ERR_BAD_URL') return errors.invalidParameter('The path is not a percent-encoded URL.')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return errors.unsupportedMediaType(error.message)
  const isLost = LOST_CONNECTION.test(error.message)
  if (UNAVAILABLE.test(code) || isConnectFailure(error) || isLost) return errors.unavailable()
  return undefined
}

const UNREADABLE = new Map([
  ['HPE_INVALID_URL', 'The URL has a character that must be percent-encoded, such as ö (%C3%B6).'],
  ['HPE_INVALID_METHOD', 'Unknown HTTP method.'],
])

/** The Problem of a request that Node could not parse, by the code of the parser's error. */
export function unreadableRequest(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return errors.requestTimeout()
  if (code === 'HPE_HEADER_OVERFLOW') return errors.headTooLarge()
  return errors.malformedRequest(UNREADABLE.get(code ?? '') ?? 'The bytes received are no HTTP request.')
}

/** The Problem with which a request is answered whose handling threw `error`. */
export function translateError(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (!(error instanceof Error)) return errors.internal()
  const failure: FrameworkError = error
  if (failure.validation !== undefined) return fromValidation(failure.validation, failure.validationContext)
  const known = fromCode(failure)
  if (known !== undefined) return known
  const status = failure.statusCode ?? 500
  // A path out of the folder of the documentation page is a 403 of its server; a 403 of Univera is a Problem.
  if (status === 404 || status === 403) return errors.routeNotFound('the path')
  if (status === 503) return errors.unavailable()
  return status >= 400 && status < 500 ? errors.malformedBody(failure.message) : errors.internal()
}
