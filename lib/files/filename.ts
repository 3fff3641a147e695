// The name a file is known by: what the client called it in, a harmless single name out. It is only ever shown and
// offered for download; on our side it is never part of a path.

const MAX_BYTES = 255

/** Longer endings are no file types. */
const MAX_EXTENSION_BYTES = 32

const UNNAMED = 'file'

/** Controls, line separators, and marks that turn the reading direction, so that a name could lie about its end. */
const INVISIBLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** Cuts to a number of UTF-8 bytes, never inside a character. */
function cutBytes(text: string, limit: number): string {
  const buffer = Buffer.alloc(limit)
  const written = buffer.write(text, 'utf8')
  return buffer.toString('utf8', 0, written)
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  const bytes = Buffer.byteLength(extension)
  if (bytes > MAX_EXTENSION_BYTES) return cutBytes(name, MAX_BYTES)
  return cutBytes(name.slice(0, dot), MAX_BYTES - bytes) + extension
}

/** The last part of any path, in NFC, without invisible characters, at most 255 bytes; "file" when nothing is left. */
export function cleanFilename(claimed: string | undefined): string {
  const wellFormed = (claimed ?? '').replace(/\p{Surrogate}/gu, '\ufffd').replace(INVISIBLE, '')
  const last = wellFormed.split(/[/\\]/).at(-1) ?? ''
  const name = shorten(last.normalize('NFC').trim()).trim()
  return /^\.*$/.test(name) ? UNNAMED : name
}
