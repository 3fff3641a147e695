// A long text as a stream of small ones: each is encoded and sent when the reader has taken the one before, so that neither
// the event loop nor the socket's buffer ever holds the whole.
import { Readable } from 'node:stream'

/** Characters of a chunk. */
const CHUNK = 65_536

/** @param text of any length; surrogate pairs are kept together */
export function streamText(text: string): Readable {
  return Readable.from(chunksOf(text), { objectMode: false, highWaterMark: CHUNK })
}

function* chunksOf(text: string): Generator<Buffer> {
  for (let from = 0; from < text.length; ) {
    const to = endOfChunk(text, from + CHUNK)
    yield Buffer.from(text.slice(from, to))
    from = to
  }
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff

function endOfChunk(text: string, end: number): number {
  return end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end
}
