// The media type of a file, from its bytes and never from its name; what the client declares decides only between kinds of
// plain text (text-type.ts). Texts have their encoding beside it; archives and compound files are distinguished by the parts
// that they list. Unknown content is application/octet-stream.
import { fileTypeFromBuffer } from 'file-type'
import { type ByteSource, byteSource } from './sniff/byte-source.ts'
import { COMPOUND_FILE } from './sniff/compound-directory.ts'
import { compoundType } from './sniff/compound-type.ts'
import { isMpegAudio } from './sniff/mpeg-audio.ts'
import { type DecodedText, decodeText } from './sniff/text-encoding.ts'
import { zipType } from './sniff/zip-type.ts'
import { type Claim, textType } from './text-type.ts'

/** First bytes that are looked at. */
export const HEAD_BYTES = 64 * 1024

const UNKNOWN = 'application/octet-stream'

const UTF_8 = 'utf-8'

/** Formats that may be text from end to end. Any other signature in a text is chance ("BMW", "MZ", "Obj"). */
const TEXTUAL = new Set([
  'application/pdf',
  'application/rtf',
  'application/postscript',
  'application/eps',
  'application/pgp-encrypted',
  'text/calendar',
  'text/vcard',
  'text/vtt',
])

/** Formats whose signature is too short to tell them from other binary content. */
const FRAMED = new Set(['audio/mpeg', 'audio/aac'])

/** Archives that file-type takes for Office documents by the name of a folder. */
const OFFICE = /^application\/vnd\.(?:openxmlformats-|ms-)/

const GIF = /^GIF8[79]a/

export interface ContentType {
  /** The media type without parameters. */
  type: string
  /** The encoding of a text, by a name of the IANA registry; of other content `utf-8`, which is not shown. */
  charset: string
}

/** The beginning of a file, and how to read the rest. */
export interface Sample {
  /** The first HEAD_BYTES bytes, or all. */
  head: Buffer
  /** Bytes of the whole file. */
  size: number
  /** Reads the bytes from `start` to `end`, both included. */
  readRange(start: number, end: number): Promise<Buffer>
}

/** The media type and the encoding of a file. */
export async function sniffContentType(
  { head, size, readRange }: Sample,
  claim: Claim,
): Promise<ContentType> {
  const complete = head.length === size
  const detected = await detect(head)
  const text = decodeText(head, complete)
  if (text === undefined || isOverruled(text, detected))
    return {
      type: await binaryType(byteSource(head, size, readRange), { detected, head, claim }),
      charset: UTF_8,
    }
  const type = isTextual(text, detected) ? detected : textType(text.text, complete, claim)
  return { type, charset: text.charset }
}

async function detect(head: Buffer): Promise<string | undefined> {
  const detected = await signatureOf(head)
  return detected !== undefined && FRAMED.has(detected) && !isMpegAudio(head) ? undefined : detected
}

async function signatureOf(head: Buffer): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime.split(';', 1)[0]
  } catch {
    // The bytes break off inside a structure, or only pretend to be one.
    return undefined
  }
}

function isTextual({ text }: DecodedText, detected: string | undefined): detected is string {
  return detected !== undefined && (TEXTUAL.has(detected) || (detected === 'image/gif' && GIF.test(text)))
}

/** A signature counts more than bytes which only might be text. */
function isOverruled(text: DecodedText, detected: string | undefined): boolean {
  return !text.certain && detected !== undefined && !isTextual(text, detected)
}

interface Finding {
  detected: string | undefined
  head: Buffer
  claim: Claim
}

async function binaryType(file: ByteSource, { detected, head, claim }: Finding): Promise<string> {
  if (head.toString('hex', 0, 4) === '504b0304') return archiveType(file, detected)
  if (head.toString('hex', 0, 8) !== COMPOUND_FILE) return detected ?? UNKNOWN
  return (await compoundType(file, claim.filename)) ?? detected ?? UNKNOWN
}

async function archiveType(file: ByteSource, detected = 'application/zip'): Promise<string> {
  return (await zipType(file)) ?? (OFFICE.test(detected) ? 'application/zip' : detected)
}
