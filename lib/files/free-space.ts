// The free space of the disks that files, temporary files and the embedded database share: what would take the last of it
// is refused with 507, so that the database goes on.
import { statfsSync } from 'node:fs'
import type { Reservation } from '../concurrency/tenant-budget.ts'
import { errors } from '../errors.ts'

/** Milliseconds for which a look at the disk counts, less what was taken since. */
const REFRESH_AFTER = 250

export interface FreeSpaceOptions {
  /** Existing directories, each on a disk that counts. */
  paths: readonly string[]
  /** Bytes that remain free on each. */
  floor: number
}

export class FreeSpace {
  readonly #options: FreeSpaceOptions
  #free = 0
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(options: FreeSpaceOptions) {
    this.#options = options
  }

  /** Takes bytes that are about to be written; errors.insufficientStorage when too few would remain. */
  take(size: number): void {
    const now = performance.now()
    if (now - this.#lookedAt > REFRESH_AFTER) {
      this.#free = Math.min(...this.#options.paths.map(freeBytes))
      this.#lookedAt = now
    }
    if (this.#free - size < this.#options.floor) throw errors.insufficientStorage()
    this.#free -= size
  }

  /** The same reservation, refused as well when the disk has no room for it. */
  within({ grow, release }: Reservation): Reservation {
    let held = 0
    return {
      grow: (size) => {
        if (size > held) this.take(size - held)
        held = Math.max(size, held)
        grow(size)
      },
      release,
    }
  }
}

/** Bytes that an ordinary user may still write. */
function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}
