// Documents that are zip archives: Office Open XML by the content type of its main part, OpenDocument and EPUB by their part
// `mimetype` or the manifest. Any other archive is left to the signature of its first part.
import type { ByteSource } from './byte-source.ts'
import { readZipPart, readZipParts, type ZipParts } from './zip-directory.ts'

const CONTENT_TYPES = '[content_types].xml'

/** Media types that a part `mimetype` or a manifest may declare. */
const DECLARED = /^application\/(?:epub\+zip|vnd\.oasis\.opendocument\.[a-z-]{1,40})$/

/** A main part's content type, whose beginning names the document. */
const MAIN_TYPE = /ContentType\s*=\s*["'](application\/[\w.-]+)\.main(?:\+xml)?["']/i

const OPEN_XML = 'application/vnd.openxmlformats-officedocument'

/** The usual places of main parts, for documents whose content types name none. */
const MAIN_PARTS: readonly (readonly [part: string, type: string])[] = [
  ['word/document.xml', `${OPEN_XML}.wordprocessingml.document`],
  ['xl/workbook.xml', `${OPEN_XML}.spreadsheetml.sheet`],
  ['ppt/presentation.xml', `${OPEN_XML}.presentationml.presentation`],
]

/** What content types are called otherwise than in the registry of IANA. */
const RENAMED: Readonly<Record<string, string>> = {
  'application/vnd.ms-visio.drawing': 'application/vnd.visio',
  'application/vnd.ms-word.template.macroenabledtemplate': 'application/vnd.ms-word.template.macroenabled.12',
}

/** The media type of the archive; undefined for one that is no document. */
export async function zipType(file: ByteSource): Promise<string | undefined> {
  const parts = await readZipParts(file)
  if (parts === undefined) return undefined
  return (await declaredType(file, parts)) ?? (await openXmlType(file, parts))
}

async function declaredType(file: ByteSource, parts: ZipParts): Promise<string | undefined> {
  const declared = (await readZipPart(file, parts, 'mimetype'))?.trim().toLowerCase() ?? ''
  if (DECLARED.test(declared)) return declared
  const manifest = await readZipPart(file, parts, 'meta-inf/manifest.xml')
  const root = manifest?.match(/<[^>]*full-path\s*=\s*["']\/["'][^>]*>/)?.[0]
  const type = root?.match(/media-type\s*=\s*["']([^"']*)["']/)?.[1]?.toLowerCase() ?? ''
  if (DECLARED.test(type)) return type
  return parts.has('meta-inf/container.xml') && parts.has('mimetype') ? 'application/epub+zip' : undefined
}

async function openXmlType(file: ByteSource, parts: ZipParts): Promise<string | undefined> {
  if (!parts.has(CONTENT_TYPES)) return undefined
  const types = await readZipPart(file, parts, CONTENT_TYPES)
  const main = types?.match(MAIN_TYPE)?.[1]?.toLowerCase()
  if (main === undefined) return MAIN_PARTS.find(([part]) => parts.has(part))?.[1]
  return RENAMED[main] ?? (main.endsWith('.macroenabled') ? `${main}.12` : main)
}
