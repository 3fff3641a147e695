// Turns at work that holds something scarce until it is done, such as a connection: a few work at once, and one tenant
// never has all of these places, however much it asks for.
import pLimit, { type LimitFunction } from 'p-limit'

export class TenantTurns {
  readonly #all: LimitFunction
  readonly #mostOfTenant: number
  readonly #ofTenant = new Map<string, LimitFunction>()

  /**
   * @param most works that run at once
   * @param mostOfTenant those of one tenant among them
   */
  constructor(most: number, mostOfTenant: number) {
    this.#all = pLimit(most)
    this.#mostOfTenant = mostOfTenant
  }

  /** Runs the work when it is its turn. */
  async run<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const own = this.#ofTenant.get(tenantId) ?? pLimit(this.#mostOfTenant)
    this.#ofTenant.set(tenantId, own)
    try {
      return await own(() => this.#all(work))
    } finally {
      const isIdle = own.activeCount + own.pendingCount === 0
      if (isIdle && this.#ofTenant.get(tenantId) === own) this.#ofTenant.delete(tenantId)
    }
  }
}
