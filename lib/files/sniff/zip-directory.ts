// The parts of a zip archive by its central directory, which is at the end of the file and complete whatever the order of the
// parts (APPNOTE.TXT 4.3). Gives their names and the content of small ones; archives of more than 4 GiB (Zip64) are not read.
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import type { ByteSource } from './byte-source.ts'

const inflate = promisify(inflateRaw)

/** Bytes of the record that ends the directory, and of the longest comment after it. */
const END_BYTES = 22
const MAX_COMMENT = 0xffff

const ENTRY_BYTES = 46
const LOCAL_BYTES = 30

/** Bytes of a directory that are read: some ten thousand parts. */
const MAX_DIRECTORY = 1024 * 1024

/** Bytes of a part that is read, packed and unpacked. */
const MAX_PACKED = 256 * 1024
const MAX_PART = 4 * 1024 * 1024

const STORED = 0
const DEFLATED = 8

/** A part as the directory describes it. */
interface ZipPart {
  method: number
  packedSize: number
  localOffset: number
}

/** The parts by their names, in lower case and with `/` between folders. */
export type ZipParts = ReadonlyMap<string, ZipPart>

/** The parts of the archive; undefined when it has no readable directory. */
export async function readZipParts(file: ByteSource): Promise<ZipParts | undefined> {
  const tailStart = Math.max(0, file.size - END_BYTES - MAX_COMMENT)
  const tail = await file.read(tailStart, file.size)
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end < 0 || end + END_BYTES > tail.length) return undefined
  const [size, start] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
  if (start + size > file.size) return undefined
  return parseDirectory(await file.read(start, start + Math.min(size, MAX_DIRECTORY)))
}

function parseDirectory(directory: Buffer): ZipParts | undefined {
  const parts = new Map<string, ZipPart>()
  let at = 0
  while (at + ENTRY_BYTES <= directory.length && directory.toString('latin1', at, at + 4) === 'PK\x01\x02') {
    const [name, extra, comment] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const nameStart = at + ENTRY_BYTES
    parts.set(partName(directory.toString('utf8', nameStart, nameStart + name)), {
      method: directory.readUInt16LE(at + 10),
      packedSize: directory.readUInt32LE(at + 20),
      localOffset: directory.readUInt32LE(at + 42),
    })
    at = nameStart + name + extra + comment
  }
  return parts.size === 0 ? undefined : parts
}

function partName(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\//, '').toLowerCase()
}

/** The text of a part; undefined when there is none, it is too large or it cannot be unpacked. */
export async function readZipPart(
  file: ByteSource,
  parts: ZipParts,
  name: string,
): Promise<string | undefined> {
  const part = parts.get(name)
  if (part === undefined || part.packedSize > MAX_PACKED) return undefined
  const local = await file.read(part.localOffset, part.localOffset + LOCAL_BYTES)
  if (local.length < LOCAL_BYTES) return undefined
  const start = part.localOffset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28)
  const bytes = await unpack(part.method, await file.read(start, start + part.packedSize))
  return bytes && toText(bytes)
}

async function unpack(method: number, bytes: Buffer): Promise<Buffer | undefined> {
  if (method === STORED) return bytes
  if (method !== DEFLATED) return undefined
  return inflate(bytes, { maxOutputLength: MAX_PART }).catch(() => undefined)
}

/** Parts are XML in UTF-8 or UTF-16, or ASCII. */
function toText(bytes: Buffer): string {
  const mark = bytes.toString('hex', 0, 2)
  const charset = { fffe: 'utf-16le', feff: 'utf-16be' }[mark] ?? 'utf-8'
  return new TextDecoder(charset).decode(bytes)
}
