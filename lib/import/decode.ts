// From the bytes of a body to its text, piece by piece: in the character set of its byte order mark, else in the one that
// its media type names, else in UTF-8. Refuses bytes that are none of it, which would become U+FFFD, and workbooks.
import { errors } from '../errors.ts'
import { decodeWindows1252 } from './windows-1252.ts'

/** The bytes that begin a text in each of these character sets. */
const BYTE_ORDER_MARKS: readonly [string, Buffer][] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
]

/** The bytes that begin a ZIP archive, as .xlsx and .ods are, and a compound file, as .xls is. */
const WORKBOOKS = [Buffer.from('PK\x03\x04'), Buffer.from([0xd0, 0xcf, 0x11, 0xe0])]

/** A decoder for the character set; errors.unsupportedMediaType when there is no such set. */
function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    const name = charset.slice(0, 40)
    throw errors.unsupportedMediaType(
      `The character set "${name}" is not known; send UTF-8, or name one such as windows-1252 or utf-16le.`,
    )
  }
}

/** errors.unsupportedMediaType unless the character set is known. */
export function requireCharset(charset: string): void {
  decoderOf(charset)
}

/** The media type of a text, and the character set that it names. */
export interface TextType {
  type: string
  charset: string | undefined
}

/** The text of the bytes; errors.malformedBody, errors.unsupportedMediaType. */
export async function* decode(bytes: AsyncIterable<Buffer>, named: TextType): AsyncGenerator<string> {
  let decodePiece: ((piece?: Buffer) => string) | undefined
  for await (const piece of bytes) {
    decodePiece ??= pieceDecoder(charsetOf(piece, named.charset), named)
    yield decodePiece(piece)
  }
  if (decodePiece !== undefined) yield decodePiece()
}

/** The character set of a body that begins with these bytes. */
function charsetOf(start: Buffer, named: string | undefined): string {
  if (WORKBOOKS.some((mark) => startsWith(start, mark)))
    throw errors.unsupportedMediaType('The body is a workbook of a spreadsheet; save it as CSV.')
  return BYTE_ORDER_MARKS.find(([, mark]) => startsWith(start, mark))?.[0] ?? named ?? 'utf-8'
}

const startsWith = (bytes: Buffer, mark: Buffer) => bytes.subarray(0, mark.length).equals(mark)

function pieceDecoder(charset: string, named: TextType): (piece?: Buffer) => string {
  const decoder = decoderOf(charset)
  if (decoder.encoding === 'windows-1252')
    return (piece) => (piece === undefined ? '' : decodeWindows1252(piece))
  return (piece) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined })
    } catch {
      throw notInCharset(decoder.encoding, named)
    }
  }
}

function notInCharset(encoding: string, { type, charset }: TextType) {
  const example = `such as Content-Type: ${type}; charset=windows-1252`
  const hint =
    charset === undefined ? `Name its character set, ${example}` : `Name the one that it is in, ${example}`
  return errors.malformedBody(`The body is not ${encoding.toUpperCase()}. ${hint}.`)
}
