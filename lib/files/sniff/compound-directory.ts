// The names in the root storage of a compound file (MS-CFB 2.2 to 2.6): header, allocation table and directory in, the
// streams and storages directly below the root out. Damaged structures end the reading early.
import type { ByteSource } from './byte-source.ts'

/** The signature that a compound file begins with, in hexadecimal. */
export const COMPOUND_FILE = 'd0cf11e0a1b11ae1'

const HEADER_BYTES = 512
const ENTRY_BYTES = 128

/** Sectors above this are marks: end of chain, free. */
const MAX_SECTOR = 0xfffffffa

/** Sectors of the directory that are read: some five hundred entries or more. */
const MAX_SECTORS = 128

/** Entries of the table of table sectors that the header holds, and where. */
const HEADER_TABLE = 76
const HEADER_TABLE_LENGTH = 109

interface Layout {
  file: ByteSource
  header: Buffer
  sectorSize: number
}

interface Root {
  names: Set<string>
  /** Of the root storage, in hexadecimal as it is stored. */
  classId: string
}

/** Undefined when there is no readable directory. */
export async function readRootNames(file: ByteSource): Promise<Root | undefined> {
  const header = await file.read(0, HEADER_BYTES)
  if (header.length < HEADER_BYTES) return undefined
  const shift = header.readUInt16LE(30)
  if (shift !== 9 && shift !== 12) return undefined
  const directory = await readChain({ file, header, sectorSize: 1 << shift }, header.readUInt32LE(48))
  return directory.length < ENTRY_BYTES ? undefined : parseRoot(directory)
}

const sectorStart = (sector: number, size: number) => (sector + 1) * size

async function readChain(layout: Layout, first: number): Promise<Buffer> {
  const { file, sectorSize } = layout
  const sectors: Buffer[] = []
  for (let sector = first; sector <= MAX_SECTOR && sectors.length < MAX_SECTORS; ) {
    const start = sectorStart(sector, sectorSize)
    const bytes = await file.read(start, start + sectorSize)
    if (bytes.length === 0) break
    sectors.push(bytes)
    sector = await nextSector(layout, sector)
  }
  return Buffer.concat(sectors)
}

async function nextSector(layout: Layout, sector: number): Promise<number> {
  const perSector = layout.sectorSize / 4
  const table = await tableSector(layout, Math.floor(sector / perSector))
  return table > MAX_SECTOR ? table : readEntry(layout, table, sector % perSector)
}

/** The sector with that part of the allocation table: the header lists the first, a chain of sectors the others. */
async function tableSector(layout: Layout, index: number): Promise<number> {
  if (index < HEADER_TABLE_LENGTH) return layout.header.readUInt32LE(HEADER_TABLE + index * 4)
  const perSector = layout.sectorSize / 4 - 1
  const beyond = index - HEADER_TABLE_LENGTH
  let list = layout.header.readUInt32LE(68)
  for (let hops = Math.floor(beyond / perSector); hops > 0 && list <= MAX_SECTOR; hops--)
    list = await readEntry(layout, list, perSector)
  return list > MAX_SECTOR ? list : readEntry(layout, list, beyond % perSector)
}

async function readEntry({ file, sectorSize }: Layout, sector: number, index: number): Promise<number> {
  const at = sectorStart(sector, sectorSize) + index * 4
  const entry = await file.read(at, at + 4)
  return entry.length < 4 ? MAX_SECTOR + 1 : entry.readUInt32LE(0)
}

/** Walks the tree of the root's children; siblings to the left and right of an entry are at 68 and 72, children at 76. */
function parseRoot(directory: Buffer): Root {
  const names = new Set<string>()
  const seen = new Set<number>()
  const open = [directory.readUInt32LE(76)]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const at = id * ENTRY_BYTES
    if (seen.has(id) || at + ENTRY_BYTES > directory.length) continue
    seen.add(id)
    const length = Math.min(64, directory.readUInt16LE(at + 64))
    names.add(directory.toString('utf16le', at, at + Math.max(0, length - 2)))
    open.push(directory.readUInt32LE(at + 68), directory.readUInt32LE(at + 72))
  }
  return { names, classId: directory.toString('hex', 80, 96) }
}
