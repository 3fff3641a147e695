// What keeps the bytes of files (blobs), whatever it is made of. A blob and the row that describes it are written one
// after the other, so a crash may leave a blob alone: every change is announced by a note first, and `sweep` looks
// after the notes that nobody took back.
import type { Readable } from 'node:stream'
import type { ByteRange } from './byte-range.ts'

/** Names a blob: UUIDs only, in lower case, never anything a client chose. */
export interface BlobKey {
  tenantId: string
  fileId: string
}

export interface StoredBlob {
  size: number
  /** Lower-case hex. */
  sha256: string
  /** The first HEAD_BYTES bytes, or all. */
  head: Buffer
}

/** What all drivers promise is tested alike. A place that cannot be reached is errors.unavailable. */
export interface BlobStorage {
  /**
   * Stores the whole stream or nothing, durably. The key's note stays until `clearPending` or `remove`.
   *
   * @param limit most bytes; one more rejects with errors.fileTooLarge
   */
  put(key: BlobKey, source: Readable, limit: number): Promise<StoredBlob>
  /** The bytes, or those of the range; null when there is no such blob. */
  open(key: BlobKey, range?: ByteRange): Promise<Readable | null>
  /** Leaves the note that the blob is about to be removed. */
  markPending(key: BlobKey): Promise<void>
  /** Takes the note back: blob and row agree. */
  clearPending(key: BlobKey): Promise<void>
  /** Removes every blob of a tenant. */
  removeTenant(tenantId: string): Promise<void>
  /** Removes blob and note, if they exist. */
  remove(key: BlobKey): Promise<void>
  /**
   * Removes the blobs whose note is older than `before`, or was left by a process that is gone, and which nobody
   * wants any more.
   *
   * @returns how many notes were dealt with
   */
  sweep(before: Date, isWanted: (key: BlobKey) => Promise<boolean>): Promise<number>
}
