// Archives and compound files for the tests of what a file is, with their parts in any order and behind any number of bytes.
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipContent {
  name: string
  content: string | Buffer
  /** As it is, not deflated. */
  stored?: boolean
}

/** A zip archive of the parts in this order. */
export function zip(parts: readonly ZipContent[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, stored = false } of parts) {
    const plain = Buffer.from(content)
    const packed = stored ? plain : deflateRawSync(plain)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(stored ? 0 : 8, 4)
    facts.writeUInt32LE(checksum(plain), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(plain.length, 18)
    facts.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name), packed])
    const entry = Buffer.alloc(14)
    entry.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\0'), facts, entry, Buffer.from(name))
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(parts.length, 4)
  end.writeUInt16LE(parts.length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end])
}

/** Node.js 20.11 has no crc32; nobody who reads the archives here checks it. */
const checksum = (bytes: Buffer) => (typeof crc32 === 'function' ? crc32(bytes) : 0)

const SECTOR = 512
const END_OF_CHAIN = 0xfffffffe
const FREE = 0xffffffff

interface CompoundOptions {
  /** Sectors of content before the directory. */
  filling?: number
  /** Names below the first stream, which is a storage then. */
  nested?: readonly string[]
}

/** A compound file whose root has these streams, and whose directory is behind its content. */
export function compoundFile(
  streams: readonly string[],
  { filling = 0, nested = [] }: CompoundOptions = {},
): Buffer {
  const names = [...streams, ...nested]
  const entries = names.map((name, i) => {
    const isLast = i === streams.length - 1 || i === names.length - 1
    const isStorage = i === 0 && nested.length > 0
    return entry(name, {
      type: isStorage ? 1 : 2,
      right: isLast ? FREE : i + 2,
      child: isStorage ? streams.length + 1 : FREE,
    })
  })
  const directory = Buffer.concat([entry('Root Entry', { type: 5, right: FREE, child: 1 }), ...entries])
  const directorySectors = Math.ceil(directory.length / SECTOR)
  const tables = Math.ceil((filling + directorySectors + 200) / 128)
  const first = tables + filling
  const table = Buffer.alloc(tables * SECTOR, 0xff)
  for (let i = 0; i < directorySectors; i++)
    table.writeUInt32LE(i + 1 === directorySectors ? END_OF_CHAIN : first + i + 1, (first + i) * 4)
  const end = Buffer.alloc(directorySectors * SECTOR - directory.length)
  return Buffer.concat([header(first, tables), table, Buffer.alloc(filling * SECTOR, 'x'), directory, end])
}

function header(directory: number, tables: number): Buffer {
  const bytes = Buffer.alloc(SECTOR, 0xff)
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(bytes)
  bytes.fill(0, 8, 76)
  bytes.writeUInt16LE(3, 26)
  bytes.writeUInt16LE(0xfffe, 28)
  bytes.writeUInt16LE(9, 30)
  bytes.writeUInt32LE(tables, 44)
  bytes.writeUInt32LE(directory, 48)
  bytes.writeUInt32LE(END_OF_CHAIN, 68)
  for (let i = 0; i < Math.min(tables, 109); i++) bytes.writeUInt32LE(i, 76 + i * 4)
  return bytes
}

function entry(name: string, { type, right, child }: { type: number; right: number; child: number }): Buffer {
  const bytes = Buffer.alloc(128)
  bytes.write(name, 'utf16le')
  bytes.writeUInt16LE(name.length * 2 + 2, 64)
  bytes[66] = type
  bytes.writeUInt32LE(FREE, 68)
  bytes.writeUInt32LE(right, 72)
  bytes.writeUInt32LE(child, 76)
  return bytes
}
