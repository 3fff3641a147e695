// Writes that somebody keeps waiting: a change of the schema, an import, a transaction of another process. Each tries with
// little patience first; who has to wait longer queues for a place to wait in, so that the connections of all tenants are
// never taken by some who wait.
import { TenantLimiter } from '../../concurrency/tenant-limiter.ts'
import { isLockFailure, retryDeadlock } from '../retry-deadlock.ts'

const PLACES_OF_TENANT = 2

export class LockWaitQueue {
  readonly #turns: TenantLimiter

  /**
   * @param places connections that those who wait may hold
   * @param patience milliseconds to wait for a place
   */
  constructor(places: number, patience: number | undefined) {
    this.#turns = new TenantLimiter(places, PLACES_OF_TENANT, patience)
  }

  /**
   * @param briefly a whole transaction that gives up when it would wait long for a lock
   * @param patiently the same, however long it waits
   */
  async run<T>(tenantId: string, briefly: () => Promise<T>, patiently: () => Promise<T>): Promise<T> {
    try {
      return await briefly()
    } catch (error) {
      if (!isLockFailure(error)) throw error
    }
    return this.#turns.run(tenantId, () => retryDeadlock(patiently))
  }
}
