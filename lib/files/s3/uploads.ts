// What the uploads of a process have in common: how large a part is, how much memory and disk all of them and those of one
// tenant take at most. Who comes when there is no room is refused with errors.unavailable.

import { TenantBudget } from '../../concurrency/tenant-budget.ts'
import { TenantLimiter } from '../../concurrency/tenant-limiter.ts'
import { Spool } from '../spool.ts'
import type { S3Connection } from './connection.ts'
import { Upload } from './upload.ts'

export interface UploadLimits {
  /** Bytes of the largest file. */
  largest: number
  /** Where parts wait until they are sent. */
  directory: string
}

const SMALLEST_PART = 5 * 2 ** 20

const MOST_PARTS = 10_000

/** Bytes of parts in memory at once, those of one tenant among them; one part always. */
const MEMORY = 64 * 2 ** 20

const MEMORY_OF_TENANT = 32 * 2 ** 20

/** Milliseconds that a part waits for its turn. */
const WAIT = 30_000

/** Uploads at once, however slow, and those of one tenant among them. */
const UPLOADS = 400

const UPLOADS_OF_TENANT = 100

/** Bytes of a part: the largest file has no more parts than S3 takes. All are of one size, as some services ask for. */
function partSizeFor(largest: number): number {
  return Math.max(SMALLEST_PART, Math.ceil(largest / MOST_PARTS))
}

export class Uploads {
  readonly #s3: S3Connection
  readonly #directory: string
  readonly #partSize: number
  readonly #turns: TenantLimiter
  readonly #room: TenantBudget

  constructor(s3: S3Connection, { largest, directory }: UploadLimits) {
    const partSize = partSizeFor(largest)
    const places = (memory: number) => Math.max(1, Math.floor(memory / partSize))
    this.#s3 = s3
    this.#directory = directory
    this.#partSize = partSize
    this.#turns = new TenantLimiter(places(MEMORY), places(MEMORY_OF_TENANT), WAIT)
    this.#room = new TenantBudget({
      all: UPLOADS * partSize,
      tenant: UPLOADS_OF_TENANT * partSize,
      least: partSize,
    })
  }

  /** An upload of an object of the tenant, to be closed; errors.unavailable when there is no room for another. */
  async open(tenantId: string, name: string): Promise<Upload> {
    const spool = await Spool.open(this.#directory, this.#room.open(tenantId))
    const inTurn = <T>(work: () => Promise<T>) => this.#turns.run(tenantId, work)
    return new Upload({ s3: this.#s3, partSize: this.#partSize, inTurn, spool }, name)
  }
}
