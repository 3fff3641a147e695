// Limits concurrent work that holds a scarce resource, such as a connection: so many at once in all, and fewer of one
// tenant, so that no tenant can occupy every place. The rest is queued, and refused after a timeout.
import pLimit, { type LimitFunction } from 'p-limit'
import { errors } from '../errors.ts'

export class TenantLimiter {
  readonly #all: LimitFunction
  readonly #mostOfTenant: number
  readonly #timeout: number
  readonly #ofTenant = new Map<string, LimitFunction>()

  /**
   * @param most pieces of work that run at once
   * @param mostOfTenant those of one tenant among them
   * @param timeout milliseconds after which work that has not begun is refused; by default it waits without limit
   */
  constructor(most: number, mostOfTenant: number, timeout = Number.POSITIVE_INFINITY) {
    this.#all = pLimit(most)
    this.#mostOfTenant = mostOfTenant
    this.#timeout = timeout
  }

  /** Runs the work as soon as a place is free; errors.unavailable when none becomes free in time. */
  async run<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const own = this.#ofTenant.get(tenantId) ?? pLimit(this.#mostOfTenant)
    this.#ofTenant.set(tenantId, own)
    try {
      return await this.#inTime((start) => own(() => this.#all(start)), work)
    } finally {
      const isIdle = own.activeCount + own.pendingCount === 0
      if (isIdle && this.#ofTenant.get(tenantId) === own) this.#ofTenant.delete(tenantId)
    }
  }

  #inTime<T>(enqueue: (start: () => Promise<void>) => Promise<void>, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isTooLate = false
      const giveUp = () => {
        isTooLate = true
        reject(errors.unavailable())
      }
      const timer = Number.isFinite(this.#timeout) ? setTimeout(giveUp, this.#timeout) : undefined
      const start = async () => {
        clearTimeout(timer)
        if (!isTooLate) await work().then(resolve, reject)
      }
      enqueue(start).catch(reject)
    })
  }
}
