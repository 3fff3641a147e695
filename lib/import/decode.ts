// From the bytes of a body to its text, piece by piece, in whatever character set its media type names. Refuses bytes that
// are none of it, which would become U+FFFD without a word. A byte order mark is passed over.
import { errors } from '../errors.ts'

/** A decoder for the character set; errors.unsupportedMediaType when there is no such set. */
function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    throw errors.unsupportedMediaType(`The character set "${charset.slice(0, 40)}" is not known; send UTF-8.`)
  }
}

/** errors.unsupportedMediaType unless the character set is known. */
export function requireCharset(charset: string): void {
  decoderOf(charset)
}

/** The text of the bytes; errors.malformedBody. */
export async function* decode(bytes: AsyncIterable<Buffer>, charset: string): AsyncGenerator<string> {
  const decoder = decoderOf(charset)
  const textOf = (piece?: Buffer) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined })
    } catch {
      throw errors.malformedBody(`The body is not ${decoder.encoding.toUpperCase()}.`)
    }
  }
  for await (const piece of bytes) yield textOf(piece)
  yield textOf()
}
