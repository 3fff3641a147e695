// Receives a multipart body: exactly one file, in the part "file", is stored as it arrives; parts that are not files are
// ignored. Refuses any other file and a body that breaks off, and then removes what was stored.

import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errorCode } from '../../lib/errors/codes.ts'
import { Problem } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import { discardBlob, type FileStores, type ReceivedFile, receiveFile } from '../../lib/files/file-store.ts'
import { drain, isNoRoom } from '../drain-body.ts'

type Storage = Pick<FileStores, 'blobs'>

const PART = 'file'

/** Two files, so that the second one is noticed and refused; the size is limited where the file is stored. */
const LIMITS = {
  files: 2,
  fileSize: Number.POSITIVE_INFINITY,
  fields: 20,
  fieldSize: 65_536,
  fieldNameSize: 200,
  headerPairs: 100,
}

/** Translates an error met while parts are read: refusals and failures of the storage stay, others become malformedBody. */
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
  return receiveFile(storage, callerOf(request).tenant.id, { source: part.file, claim, limit })
}

/** Describes a file beside or instead of the one in the part "file". */
function describeStray(part: MultipartFile, received: ReceivedFile | undefined): string {
  return received === undefined ? `The file is in the part "${part.fieldname}"` : 'There are two files'
}

/** Browsers send an empty part without a name for a file input that was left empty. */
function isLeftEmpty(part: MultipartFile, { facts }: ReceivedFile): boolean {
  return facts.size === 0 && (part.filename ?? '') === ''
}

/** Stores the one file of the request; errors.oneFileExpected, errors.fileTooLarge, errors.malformedBody. */
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
