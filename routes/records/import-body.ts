// Receives a CSV or NDJSON body: it goes to a temporary file as it arrives, so that a slow client holds nothing of the
// database, and the rows can be read again when the metadata turns out to be old. Refuses bodies past UPLOAD_LIMIT, other
// methods than POST and unknown character sets.

import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorCode } from '../../lib/errors/codes.ts'
import { Problem } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import type { Spool } from '../../lib/files/spool.ts'
import { requirePlain } from '../../lib/http/content-encoding.ts'
import { parseContentType } from '../../lib/http/media-type.ts'
import { type CsvFormat, parseCsvFormat, TSV_TYPE } from '../../lib/import/csv-format.ts'
import { decode, requireCharset, type TextType } from '../../lib/import/decode.ts'
import { drain, isNoRoom } from '../drain-body.ts'
import { CSV_TYPE, NDJSON_TYPE } from './representation.ts'

/** Browsers on Windows send CSV as what opens it there. */
const CSV_TYPES: readonly string[] = [CSV_TYPE, TSV_TYPE, 'application/vnd.ms-excel']

/** The second spelling of NDJSON is as common. */
export const IMPORT_TYPES: readonly string[] = [...CSV_TYPES, NDJSON_TYPE, 'application/ndjson']

/** Without a `charset` it is that of the byte order mark, else UTF-8. */
interface ImportFormat extends TextType {
  csv: CsvFormat | undefined
}

/** A body that has arrived whole. */
export class ImportBody {
  /** Undefined: it is NDJSON. */
  readonly csv: CsvFormat | undefined
  readonly #bytes: Spool
  readonly #type: TextType

  constructor({ csv, ...type }: ImportFormat, bytes: Spool) {
    this.csv = csv
    this.#bytes = bytes
    this.#type = type
  }

  /** Its text, each time from the beginning. */
  text(): AsyncIterable<string> {
    return decode(this.#bytes.pieces(), this.#type)
  }
}

/** Keeps a body of one of IMPORT_TYPES until the request is answered; errors.bodyTooLarge, errors.malformedBody. */
export async function receiveImport(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: Readable,
): Promise<ImportBody> {
  try {
    requireImport(request)
    const format = formatOf(request)
    return new ImportBody(format, await keep(request, reply, payload))
  } catch (error) {
    drain(request.raw)
    throw refusalOf(error)
  }
}

/** errors.unsupportedMediaType, errors.invalidParameter. */
function formatOf({ headers }: FastifyRequest): ImportFormat {
  const contentType = parseContentType(headers['content-type'] ?? '')
  const charset = contentType.parameters.get('charset') || undefined
  if (charset !== undefined) requireCharset(charset)
  const { type } = contentType
  return { csv: CSV_TYPES.includes(type) ? parseCsvFormat(contentType) : undefined, type, charset }
}

function requireImport({ method, params, headers }: FastifyRequest): void {
  const { id } = params as { id?: string }
  if (method !== 'POST' || id !== undefined)
    throw errors.unsupportedMediaType('CSV and NDJSON are for creating records, by POST; send JSON here.')
  requirePlain(headers)
}

const tooLarge = (limit: number) =>
  errors.bodyTooLarge(
    limit,
    'Send the rows in several requests, or ask the operator for a larger UPLOAD_LIMIT.',
  )

async function keep(request: FastifyRequest, reply: FastifyReply, payload: Readable): Promise<Spool> {
  const { UPLOAD_LIMIT } = request.server.settings
  if (Number(request.headers['content-length']) > UPLOAD_LIMIT) throw tooLarge(UPLOAD_LIMIT)
  const bytes = await reply.openSpool()
  // The connection is needed for the answer.
  for await (const piece of payload.iterator({ destroyOnReturn: false })) {
    if (bytes.size + piece.length > UPLOAD_LIMIT) throw tooLarge(UPLOAD_LIMIT)
    await bytes.append(piece)
  }
  return bytes
}

/** The error that a failure while a body arrives leaves as: 503 when there is no room, 400 when the connection broke. */
function refusalOf(error: unknown): unknown {
  if (error instanceof Problem) return error
  const code = errorCode(error)
  if (isNoRoom(code)) return Object.assign(errors.unavailable(), { cause: error })
  const isBroken = code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET'
  return isBroken ? errors.malformedBody('The body broke off.') : error
}
