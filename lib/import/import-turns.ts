// Turns of imports: a few write at once, since each holds a connection until it is done, and one tenant never has all of
// these places, however many imports it sends.
import pLimit, { type LimitFunction } from 'p-limit'

export class ImportTurns {
  readonly #all: LimitFunction
  readonly #mostOfTenant: number
  readonly #ofTenant = new Map<string, LimitFunction>()

  /**
   * @param most imports that run at once
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
