// How much of the disk temporary files may take, all together and those of one tenant: whoever sends many large bodies, or
// asks for a large answer to a small one, is refused before the disk is full for everybody.
import { errors } from '../errors.ts'

export interface RoomLimits {
  /** Bytes of all temporary files of this process. */
  all: number
  /** Bytes of those of one tenant. */
  tenant: number
  /** Bytes that each counts for at least: an open file costs something too. */
  least: number
}

/** What one temporary file takes. */
export interface SpoolShare {
  /** Takes as much as a file of this size needs; errors.unavailable when there is no room. */
  grow(size: number): void
  /** Gives it all back. */
  release(): void
}

export class SpoolRoom {
  readonly #limits: RoomLimits
  readonly #ofTenant = new Map<string, number>()
  #used = 0

  constructor(limits: RoomLimits) {
    this.#limits = limits
  }

  /** A share for a file of the tenant; errors.unavailable when there is no room for another. */
  open(tenantId: string): SpoolShare {
    let held = 0
    const take = (size: number) => {
      this.#take(tenantId, size - held)
      held = size
    }
    take(this.#limits.least)
    return { grow: (size) => size > held && take(size), release: () => take(0) }
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
