// Reading a multipart body: exactly one file, in the part "file", goes to the storage as it arrives. Other fields are
// ignored. Whatever else comes, or when it breaks off, nothing is left behind.

import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { errorCode } from '../../lib/errors/codes.ts'
import { Problem } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import { discardBlob, type FileStores, type ReceivedFile, receiveFile } from '../../lib/files/file-store.ts'
import { drain, isNoRoom } from '../drain-body.ts'

type Storage = Pick<FileStores, 'blobs'>

const PART = 'file'

/** Two files, so that the second is seen and refused; its size is limited where it is stored. */
const LIMITS = {
  files: 2,
  fileSize: Number.POSITIVE_INFINITY,
  fields: 20,
  fieldSize: 65_536,
  fieldNameSize: 200,
  headerPairs: 100,
}

/** What is thrown while parts are read: our own refusals, the storage's failures, the rest is the body's fault. */
function refusalOf(error: unknown): unknown {
  if (error instanceof Problem) return error
  const code = errorCode(error)
  if (isNoRoom(code)) return Object.assign(errors.unavailable(), { cause: error })
  const isBodysFault = code === '' || code === 'ERR_STREAM_PREMATURE_CLOSE'
  if (!(error instanceof Error) || !isBodysFault) return error
  return errors.malformedBody(`The multipart body cannot be read: ${error.message}.`)
}

function store(storage: Storage, request: FastifyRequest, part: MultipartFile, limit: number) {
  const claim = { filename: part.filename ?? '', contentType: part.mimetype.toLowerCase() }
  return receiveFile(storage, request.caller.tenant.id, { source: part.file, claim, limit })
}

/** Why there may be no other file beside, or instead of, the one in the part "file". */
function describeStray(part: MultipartFile, received: ReceivedFile | undefined): string {
  return received === undefined ? `The file is in the part "${part.fieldname}"` : 'There are two files'
}

/** A form whose file input was left empty sends a part without a name and without bytes. */
function isLeftEmpty(part: MultipartFile, { facts }: ReceivedFile): boolean {
  return facts.size === 0 && (part.filename ?? '') === ''
}

/** The one file of the request, stored; errors.oneFileExpected, errors.fileTooLarge, errors.malformedBody. */
export async function receiveUpload(
  storage: Storage,
  request: FastifyRequest,
  limit: number,
): Promise<ReceivedFile> {
  let received: ReceivedFile | undefined
  try {
    for await (const part of request.parts({ limits: LIMITS })) {
      if (part.type !== 'file') continue
      if (part.fieldname !== PART || received !== undefined)
        throw errors.oneFileExpected(describeStray(part, received))
      received = await store(storage, request, part, limit)
      if (isLeftEmpty(part, received)) throw errors.oneFileExpected('The file is empty and has no name')
    }
    if (received === undefined) throw errors.oneFileExpected('There is no file')
    return received
  } catch (error) {
    drain(request.raw)
    if (received !== undefined) await discardBlob(storage, received.key)
    throw refusalOf(error)
  }
}
