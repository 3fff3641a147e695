// How much of something there is for all together and for one tenant, such as the disk's room for temporary files: whoever
// takes too much is refused before there is nothing left for everybody.
import { errors } from '../errors.ts'

export interface RoomLimits {
  /** What all shares of this process may take together. */
  all: number
  /** What those of one tenant may take. */
  tenant: number
  /** What each counts for at least: an open file costs something too. */
  least: number
}

/** What one piece of work takes. */
export interface Reservation {
  /** Takes so much in all; errors.unavailable when there is no room. */
  grow(size: number): void
  /** Gives it all back. */
  release(): void
}

export class TenantBudget {
  readonly #limits: RoomLimits
  readonly #ofTenant = new Map<string, number>()
  #used = 0

  constructor(limits: RoomLimits) {
    this.#limits = limits
  }

  /** A share for the tenant; errors.unavailable when there is no room for another. */
  open(tenantId: string): Reservation {
    let held = 0
    const take = (size: number) => {
      this.#take(tenantId, size - held)
      held = size
    }
    take(this.#limits.least)
    return { grow: (size) => size > held && take(size), release: () => take(0) }
  }

  /** Takes so much at once; returns what gives it back. errors.unavailable when there is no room for it. */
  take(tenantId: string, size: number): () => void {
    const { grow, release } = this.open(tenantId)
    try {
      grow(size)
    } catch (error) {
      release()
      throw error
    }
    return release
  }

  #take(tenantId: string, more: number): void {
    const { all, tenant } = this.#limits
    const ofTenant = (this.#ofTenant.get(tenantId) ?? 0) + more
    if (more > 0 && (this.#used + more > all || ofTenant > tenant)) throw errors.unavailable()
    this.#used += more
    if (ofTenant === 0) this.#ofTenant.delete(tenantId)
    else this.#ofTenant.set(tenantId, ofTenant)
  }
}
