// The local driver of BlobStorage: a directory. Bytes go to a temporary file, are flushed to the disk, and get their
// place by a rename, which is flushed too: a blob in its place is whole, also after a power cut.

import { createWriteStream } from 'node:fs'
import {
  access,
  constants,
  mkdir,
  open,
  opendir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errorCode } from '../errors/codes.ts'
import { keyOfNote } from './blob-names.ts'
import type { ByteRange } from './byte-range.ts'
import { PENDING, pathsOf, tenantPath } from './local-paths.ts'
import { Meter } from './meter.ts'
import { isGone, SIGNATURE } from './note-writer.ts'
import type { BlobKey, BlobStorage, StoredBlob } from './storage.ts'
import { syncDirectory } from './sync-directory.ts'

const OWNER_DIRECTORY = 0o700

const OWNER_FILE = 0o600

/** Notes that one sweep looks at; the rest waits for the next. */
const SWEEP_LIMIT = 10_000

/** Makes a directory and, durably, every parent that it lacks. */
async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: OWNER_DIRECTORY })
  if (first === undefined) return
  for (let parent = dirname(path); parent.length >= dirname(first).length; parent = dirname(parent))
    await syncDirectory(parent)
}

/**
 * Writes a new file and flushes it to the disk. Settles only when the file is closed: a failed pipeline does not wait
 * for its streams, and a file may still be about to be opened then.
 */
async function writeFlushed(path: string, source: Readable, meter: Meter): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx', mode: OWNER_FILE, flush: true })
  const closed = new Promise<void>((resolve) => file.once('close', () => resolve()))
  await pipeline(source, meter, file).finally(() => closed)
  if (file.errored) throw file.errored
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT'
}

function isNoSpace(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')
}

export class LocalStorage implements BlobStorage {
  readonly #root: string
  readonly #takeSpace: (size: number) => void

  private constructor(root: string, takeSpace: (size: number) => void) {
    this.#root = root
    this.#takeSpace = takeSpace
  }

  /**
   * Opens the directory, made if need be; rejects when it cannot be written to.
   *
   * @param takeSpace called before bytes are written; refuses what the disk has no room for
   */
  static async open(root: string, takeSpace: (size: number) => void = () => {}): Promise<LocalStorage> {
    const path = resolve(root)
    await makeDirectory(join(path, PENDING))
    await access(join(path, PENDING), constants.R_OK | constants.W_OK)
    return new LocalStorage(path, takeSpace)
  }

  async put(key: BlobKey, source: Readable, limit: number): Promise<StoredBlob> {
    const { directory, blob, part } = pathsOf(this.#root, key)
    const meter = new Meter(limit, this.#takeSpace)
    // It may break before the pipeline listens; the pipeline sees that.
    source.once('error', () => {})
    try {
      await this.markPending(key)
      await writeFlushed(part, source, meter)
      await makeDirectory(directory)
      await rename(part, blob)
      await syncDirectory(directory)
    } catch (error) {
      await this.remove(key).catch(() => {})
      throw error
    } finally {
      source.destroy()
    }
    return meter.result()
  }

  async open(key: BlobKey, range?: ByteRange): Promise<Readable | null> {
    try {
      const handle = await open(pathsOf(this.#root, key).blob, 'r')
      return handle.createReadStream(range)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** On a full disk the note is empty, which the sweep takes for one of an unknown writer: deleting frees space. */
  async markPending(key: BlobKey): Promise<void> {
    await writeFile(pathsOf(this.#root, key).note, SIGNATURE, { mode: OWNER_FILE }).catch((error) => {
      if (!isNoSpace(error)) throw error
    })
  }

  clearPending(key: BlobKey): Promise<void> {
    return rm(pathsOf(this.#root, key).note, { force: true })
  }

  async remove(key: BlobKey): Promise<void> {
    const { blob, part } = pathsOf(this.#root, key)
    await rm(part, { force: true })
    await rm(blob, { force: true })
    await this.clearPending(key)
  }

  async removeTenant(tenantId: string): Promise<void> {
    await rm(tenantPath(this.#root, tenantId), { recursive: true, force: true })
  }

  async sweep(before: Date, isWanted: (key: BlobKey) => Promise<boolean>): Promise<number> {
    let done = 0
    for await (const { name } of await opendir(join(this.#root, PENDING))) {
      const key = keyOfNote(name)
      if (key === undefined || !(await this.#isForgotten(key, before))) continue
      if (await isWanted(key)) await this.clearPending(key)
      else await this.remove(key)
      if (++done === SWEEP_LIMIT) break
    }
    return done
  }

  /** Whether the process that left the note will not return to it. */
  async #isForgotten(key: BlobKey, before: Date): Promise<boolean> {
    const { note } = pathsOf(this.#root, key)
    try {
      return (await stat(note)).mtime < before || isGone(await readFile(note, 'utf8'))
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }
}
