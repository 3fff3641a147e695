// Documents of older Office versions, which are compound files (MS-CFB): recognized by the streams in their root storage.
// Class ids are not enough, since many writers leave them empty.
import { extname } from 'node:path'
import type { ByteSource } from './byte-source.ts'
import { readRootNames } from './compound-directory.ts'

const TYPES: readonly (readonly [stream: string, type: string])[] = [
  ['__properties_version1.0', 'application/vnd.ms-outlook'],
  ['__nameid_version1.0', 'application/vnd.ms-outlook'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
  ['WordDocument', 'application/msword'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['Book', 'application/vnd.ms-excel'],
  ['VisioDocument', 'application/vnd.visio'],
  ['Quill', 'application/x-mspublisher'],
  ['MatOST', 'application/vnd.ms-works'],
]

const OPEN_XML = 'application/vnd.openxmlformats-officedocument'

/** Documents behind a password: only their name says which kind of document is inside. */
const ENCRYPTED: Readonly<Record<string, string>> = {
  '.docx': `${OPEN_XML}.wordprocessingml.document`,
  '.xlsx': `${OPEN_XML}.spreadsheetml.sheet`,
  '.pptx': `${OPEN_XML}.presentationml.presentation`,
}

const INSTALLER = '84100c0000000000c000000000000046'

/** The media type of a compound file; undefined for one of another kind. */
export async function compoundType(file: ByteSource, filename: string): Promise<string | undefined> {
  const root = await readRootNames(file)
  if (root === undefined) return undefined
  if (root.names.has('EncryptedPackage')) return ENCRYPTED[extname(filename).toLowerCase()]
  if (root.classId === INSTALLER) return 'application/x-msi'
  return TYPES.find(([stream]) => root.names.has(stream))?.[1]
}
