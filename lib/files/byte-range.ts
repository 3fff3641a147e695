// Which bytes a Range header asks for (RFC 9110, 14.1.2). A single range is served; several at once, other units and
// what cannot be read are ignored, as the RFC allows, so that the client gets the whole.

/** First and last byte, both included. */
export interface ByteRange {
  start: number
  end: number
}

const SINGLE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * @param header the Range header, if any
 * @param size bytes of the whole
 * @returns the range cut to the size; undefined: serve the whole; null: no byte of it exists
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | null | undefined {
  const match = SINGLE_RANGE.exec(header ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') return suffix(Number(last), size)
  const range = { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
  if (last !== '' && Number(last) < range.start) return undefined
  return range.start < size ? range : null
}

/** The last bytes: all of them when there are fewer. */
function suffix(length: number, size: number): ByteRange | null {
  return length === 0 || size === 0 ? null : { start: Math.max(0, size - length), end: size - 1 }
}
