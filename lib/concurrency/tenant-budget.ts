// A budget of a scarce resource, such as disk space for temporary files, with a limit for the whole process and one per
// tenant: a reservation beyond either is refused (errors.unavailable), so that one tenant cannot exhaust it for all.
import { errors } from '../errors.ts'

/** Limits in the unit of the resource, such as bytes. */
export interface BudgetLimits {
  /** For all reservations of this process together. */
  all: number
  /** For those of one tenant. */
  tenant: number
  /** The size that each reservation has at least: an open file costs something even while it is empty. */
  least: number
}

/** The share of the budget that one piece of work holds. */
export interface Reservation {
  /** Raises the reservation to a total size, never lowers it; errors.unavailable when a limit is exceeded. */
  grow(size: number): void
  /** Returns all of it to the budget. */
  release(): void
}

export class TenantBudget {
  readonly #limits: BudgetLimits
  readonly #ofTenant = new Map<string, number>()
  #used = 0

  constructor(limits: BudgetLimits) {
    this.#limits = limits
  }

  /** Opens a reservation of the least size for the tenant; errors.unavailable when a limit is exceeded. */
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
