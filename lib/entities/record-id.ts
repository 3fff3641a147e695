// Record ids: UUIDv7 (RFC 9562), which begin with the millisecond of creation, so ids order by creation time.
// `created_at` is that millisecond and is stored nowhere else; ordering or filtering by it uses the primary key.
import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'
import { isUuid } from '../fields/uuid.ts'

const BYTES_OF_ID = 16

const IDS_AT_ONCE = 256

const HIGHEST_SEQUENCE = 0xffff_ffff

/** Generates ids in ascending order. Random bytes are drawn for many at once: a tenth of the cost of drawing them for each. */
class IdSource {
  readonly #random = Buffer.alloc(BYTES_OF_ID * IDS_AT_ONCE)
  #at = this.#random.length
  #milliseconds = 0
  #sequence = 0

  /** The next id, higher than any before. */
  next(): string {
    const random = this.#draw()
    const now = Date.now()
    if (now > this.#milliseconds) this.#begin(now, random)
    else if (this.#sequence < HIGHEST_SEQUENCE) this.#sequence += 1
    else this.#begin(this.#milliseconds + 1, random)
    return v7({ random, msecs: this.#milliseconds, seq: this.#sequence })
  }

  #draw(): Buffer {
    if (this.#at === this.#random.length) {
      randomFillSync(this.#random)
      this.#at = 0
    }
    const start = this.#at
    this.#at += BYTES_OF_ID
    return this.#random.subarray(start, this.#at)
  }

  /** The highest bit is left out, so that a sequence has room to grow. */
  #begin(milliseconds: number, random: Buffer): void {
    this.#milliseconds = milliseconds
    this.#sequence = random.readUInt32BE(6) >>> 1
  }
}

/** Memo: random bytes drawn ahead, and the last id. */
const ids = new IdSource()

export const newRecordId = (): string => ids.next()

/** The creation time in an id, ISO 8601 in UTC. */
export function createdAtOf(id: string): string {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString()
}

/** The lower bound of the ids of records created at this time (Unix, in milliseconds) or later. */
export function firstIdAt(milliseconds: number): string {
  const time = Math.max(0, milliseconds).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

/** Version and variant of a UUIDv7 (RFC 9562, 5.7). */
const VERSION_7 = /^.{14}7.{4}[89ab]/

/** Milliseconds by which the clock of a client may be ahead. */
const CLOCK_SKEW = 60_000

/** True when an id chosen by a client, in lower case, is a UUIDv7 whose time is not in the future. */
export function isPlausibleId(id: string): boolean {
  return isUuid(id) && VERSION_7.test(id) && Date.parse(createdAtOf(id)) <= Date.now() + CLOCK_SKEW
}
