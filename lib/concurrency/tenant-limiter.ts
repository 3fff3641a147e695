// Turns at work that holds something scarce until it is done, such as a connection: a few work at once, and one tenant
// never has all of these places, however much it asks for.
import pLimit, { type LimitFunction } from 'p-limit'
import { errors } from '../errors.ts'

/** Waits for a turn as long as it takes. */
const FOR_EVER = Number.POSITIVE_INFINITY

export class TenantLimiter {
  readonly #all: LimitFunction
  readonly #mostOfTenant: number
  readonly #patience: number
  readonly #ofTenant = new Map<string, LimitFunction>()

  /**
   * @param most works that run at once
   * @param mostOfTenant those of one tenant among them
   * @param patience milliseconds after which work that has not begun is refused
   */
  constructor(most: number, mostOfTenant: number, patience = FOR_EVER) {
    this.#all = pLimit(most)
    this.#mostOfTenant = mostOfTenant
    this.#patience = patience
  }

  /** Runs the work when it is its turn; errors.unavailable when that does not come in time. */
  async run<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const own = this.#ofTenant.get(tenantId) ?? pLimit(this.#mostOfTenant)
    this.#ofTenant.set(tenantId, own)
    try {
      return await this.#inTime((turn) => own(() => this.#all(turn)), work)
    } finally {
      const isIdle = own.activeCount + own.pendingCount === 0
      if (isIdle && this.#ofTenant.get(tenantId) === own) this.#ofTenant.delete(tenantId)
    }
  }

  #inTime<T>(queue: (turn: () => Promise<void>) => Promise<void>, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isTooLate = false
      const giveUp = () => {
        isTooLate = true
        reject(errors.unavailable())
      }
      const timer = this.#patience === FOR_EVER ? undefined : setTimeout(giveUp, this.#patience)
      const turn = async () => {
        clearTimeout(timer)
        if (!isTooLate) await work().then(resolve, reject)
      }
      queue(turn).catch(reject)
    })
  }
}
