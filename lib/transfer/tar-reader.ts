// Reads the entries of an export in their order, and compares their checksums at the end. StartError for whatever is no export,
// is not whole, or is not what was written. Names are only compared, never used as paths.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'
import { type EntryKind, entryKind, LARGEST_ENTRY } from './format.ts'

/** What takes the entries. */
export interface TransferHandler {
  /** The content of a manifest, rows or the like, whole. */
  take(kind: EntryKind, content: Buffer): Promise<void>
  /** The bytes of a file, as they come. */
  takeFile(id: string, content: Readable): Promise<void>
}

/** Reads the file to its end; rejects with the handler's error, or StartError. */
export async function readTransfer(path: string, handler: TransferHandler): Promise<void> {
  const source = createReadStream(path)
  const entries = extract()
  const reading = pipeline(source, entries)
  reading.catch(() => {})
  try {
    await readEntries(entries, handler)
    await reading
  } catch (error) {
    throw isOfFile(error) ? unreadable(error) : error
  } finally {
    source.destroy()
  }
}

/** What tar-stream says has no code; PostgreSQL's errors have one of digits. */
function isOfFile(error: unknown): boolean {
  const code = errorCode(error)
  if (!(error instanceof Error)) return false
  return code === '' ? error.constructor === Error : /^(E[A-Z]+|ERR_STREAM_\w+)$/.test(code)
}

const unreadable = (error: unknown) =>
  new StartError(`The export cannot be read: ${reasonOf(error)}`, { cause: error })

/** An entry as tar-stream gives it, to be read before the next. */
type Entry = AsyncIterable<unknown> & { header: Header }

async function readEntries(entries: AsyncIterable<Entry>, handler: TransferHandler): Promise<void> {
  const sums: string[] = []
  let isComplete = false
  for await (const entry of entries) {
    const { name } = entry.header
    const kind = kindOf(entry)
    if (kind === undefined || isComplete)
      throw new StartError(`The export cannot be read: "${name.slice(0, 100)}" does not belong there.`)
    if (kind.kind === 'checksums') isComplete = requireSums(sums, await contentOf(entry))
    else sums.push(`${await take(kind, entry, handler)}  ${name}\n`)
  }
  if (!isComplete) throw new StartError('The export breaks off: it is not complete.')
}

function kindOf({ header: { name, type, size = 0 } }: Entry): EntryKind | undefined {
  const kind = type === 'file' ? entryKind(name) : undefined
  if (kind === undefined || kind.kind === 'file' || size <= LARGEST_ENTRY) return kind
  throw new StartError(`The export cannot be read: ${name} is too large.`)
}

/** Hands an entry on; its checksum. */
async function take(kind: EntryKind, entry: Entry, handler: TransferHandler): Promise<string> {
  if (kind.kind === 'file') return takeHashed(entry, (content) => handler.takeFile(kind.id, content))
  const content = await contentOf(entry)
  await handler.take(kind, content)
  return createHash('sha256').update(content).digest('hex')
}

function requireSums(sums: readonly string[], content: Buffer): true {
  if (content.toString() === sums.join('')) return true
  throw new StartError('The export is damaged: its checksums are others than those that it had.')
}

async function contentOf(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of entry) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function takeHashed(
  entry: AsyncIterable<unknown>,
  take: (content: Readable) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256')
  async function* hashed() {
    for await (const chunk of entry) {
      hash.update(chunk as Buffer)
      yield chunk
    }
  }
  await take(Readable.from(hashed(), { objectMode: false }))
  return hash.digest('hex')
}
