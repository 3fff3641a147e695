// Which node holds which tenants, as Citus's catalogue said at one moment: ranges of the hashes of their ids.
import { hashUuid } from './uuid-hash.ts'

/** A range of hashes, and the node that holds its tenants. */
export interface Placement {
  /** The lowest hash; the range ends before the next begins. */
  from: number
  /** `host:port`. */
  node: string
  /** The group of shards that holds them: the id of the one of the table `tenant`. */
  shard: string
}

export class PlacementMap {
  /** Ordered by their lowest hashes, without a gap. */
  readonly #placements: readonly Placement[]

  constructor(placements: readonly Placement[]) {
    this.#placements = [...placements].sort((one, other) => one.from - other.from)
  }

  /** Where a tenant is; undefined: nowhere. */
  placementOf(tenantId: string): Placement | undefined {
    const hash = hashUuid(tenantId)
    let [low, high] = [0, this.#placements.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#placements[middle] as Placement).from <= hash) low = middle + 1
      else high = middle
    }
    return this.#placements[low - 1]
  }

  /** All there are. */
  all(): readonly Placement[] {
    return this.#placements
  }
}
