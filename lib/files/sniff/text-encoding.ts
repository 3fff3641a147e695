// Decides whether bytes are text and in which encoding: UTF-8, UTF-16 and UTF-32 by their byte order mark, UTF-16 by its
// spaces and letters, and 8-bit text by the absence of binary bytes (WHATWG MIME Sniffing, 7.1). First bytes in, the text out.

export interface DecodedText {
  text: string
  /** A name of the IANA registry. */
  charset: string
  /** False where bytes that begin with another format's signature may be that format. */
  certain: boolean
}

/** The name for an encoding that the bytes do not reveal (RFC 1428). */
export const UNKNOWN_CHARSET = 'unknown-8bit'

/** Control characters that a text may have: tab, line feed, form feed, carriage return, escape. */
const TEXT_CONTROLS = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b])

const isBinary = (byte: number) => byte < 0x20 && !TEXT_CONTROLS.has(byte)

/** Controls and noncharacters, which no text has. */
const NO_TEXT = /(?![\t\n\f\r])[\p{Cc}\p{Noncharacter_Code_Point}]/u

/** Those, and code points that are not assigned. */
const UNLIKELY = /(?![\t\n\f\r])[\p{Cc}\p{Cn}]/u

/** Bytes that Windows-1252 leaves undefined. */
const UNDEFINED_1252 = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d])

/** Letters beyond ASCII that decide about an alphabet, all together and in a row. */
const FOREIGN_LETTERS = 20

const FOREIGN_ROW = 3

/** Bytes of a text without one of ASCII among them; more would have a space or the end of a line. */
const MAX_WORD = 64

/** What of 80 to 9F texts in Windows-1252 have: signs, but hardly a letter. */
const SIGNS_1252 = new Set([0x80, 0x82, 0x84, 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99])

/** Code units of UTF-16 without a byte order mark; fewer are chance. */
const MIN_UNITS = 4

function decode(bytes: Uint8Array, charset: string, complete: boolean): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: !complete })
  } catch {
    return undefined
  }
}

/** The text of the bytes, from the beginning of a file or, if `complete`, the whole; undefined when they are none. */
export function decodeText(head: Uint8Array, complete: boolean): DecodedText | undefined {
  return decodeUtf8(head, complete) ?? decodeMarked(head) ?? decodeUtf16(head) ?? decodeEightBit(head)
}

function decodeUtf8(head: Uint8Array, complete: boolean): DecodedText | undefined {
  if (head.some(isBinary)) return undefined
  const text = decode(head, 'utf-8', complete)
  return text === undefined ? undefined : { text, charset: 'utf-8', certain: true }
}

/** Text that begins with the mark of UTF-32 or UTF-16; the mark is no part of it. */
function decodeMarked(head: Uint8Array): DecodedText | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  const mark = bytes.toString('hex', 0, 4)
  if (mark === 'fffe0000' || mark === '0000feff') return decodeUtf32(bytes, mark === 'fffe0000')
  const charset = { fffe: 'utf-16le', feff: 'utf-16be' }[mark.slice(0, 4)]
  const text = charset && decode(head, charset, false)
  return text === undefined || NO_TEXT.test(text)
    ? undefined
    : { text, charset: charset as string, certain: true }
}

function decodeUtf32(bytes: Buffer, littleEndian: boolean): DecodedText | undefined {
  const points: string[] = []
  for (let at = 4; at + 4 <= bytes.length; at += 4) {
    const point = littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
    if (point > 0x10ffff) return undefined
    points.push(String.fromCodePoint(point))
  }
  const text = points.join('')
  return NO_TEXT.test(text)
    ? undefined
    : { text, charset: littleEndian ? 'utf-32le' : 'utf-32be', certain: true }
}

/** UTF-16 without a mark: in one byte order all of it is text and mostly ASCII, or has spaces between its words. */
function decodeUtf16(head: Uint8Array): DecodedText | undefined {
  if (head.length < 2 * MIN_UNITS || !head.includes(0)) return undefined
  for (const charset of ['utf-16le', 'utf-16be']) {
    const text = decode(head, charset, false)
    if (text !== undefined && !UNLIKELY.test(text) && readsAsText(text))
      return { text, charset, certain: true }
  }
  return undefined
}

function readsAsText(text: string): boolean {
  const ascii = text.match(/[\t\n\r -~]/g)?.length ?? 0
  return ascii * 2 >= text.length || /[\n\r ]/.test(text)
}

/** Text of one of the older encodings; Windows-1252, which covers Latin-1, unless most of its letters would be accented. */
function decodeEightBit(head: Uint8Array): DecodedText | undefined {
  if (head.some(isBinary)) return undefined
  if (!head.some((byte) => byte < 0x80) && !isWord(head)) return undefined
  const high = head.filter((byte) => byte >= 0x80)
  const isWestern = !high.some((byte) => UNDEFINED_1252.has(byte)) && !isForeign(head, high)
  return {
    text: new TextDecoder('windows-1252').decode(head),
    charset: isWestern ? 'windows-1252' : UNKNOWN_CHARSET,
    certain: isWestern && high.length * 3 < head.length,
  }
}

/** Whether the letters beyond ASCII outnumber those of ASCII, as in Cyrillic, Greek or Japanese encodings. */
function isForeign(head: Uint8Array, high: Uint8Array): boolean {
  const letters = high.filter((byte) => byte >= 0xc0 || (byte < 0xa0 && !SIGNS_1252.has(byte))).length
  const ascii = head.filter((byte) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a).length
  return letters > ascii && (letters >= FOREIGN_LETTERS || longestRow(head) >= FOREIGN_ROW)
}

/** Bytes that are nothing but letters of Latin-1. */
function isWord(bytes: Uint8Array): boolean {
  return bytes.length <= MAX_WORD && bytes.every((byte) => byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7)
}

/** The most bytes beyond ASCII in a row. */
function longestRow(head: Uint8Array): number {
  let [row, longest] = [0, 0]
  for (const byte of head) {
    row = byte >= 0x80 ? row + 1 : 0
    longest = Math.max(longest, row)
  }
  return longest
}
