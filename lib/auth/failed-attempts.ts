// Guessing is slow: counts failed attempts per key (an account, an address) and refuses with 429 once a key has used
// its budget of the minute. Successes count nothing, so no number of rightful sign-ins is ever refused. The attempts of one
// tenant are checked two at a time and hold up no other tenant's. Processes that share their counts read each other's
// failures before each check; only what they check at the very same moment can go beyond a budget.
import { LRUCache } from 'lru-cache'
import pLimit, { type LimitFunction } from 'p-limit'
import { type DatabaseTime, measured } from '../db/database-time.ts'
import { errors } from '../errors.ts'
import type { SharedFailures } from './failure-store.ts'

/** How many failures a key may have in a window. */
export interface Budget {
  key: string
  limit: number
}

/** Whose attempt it is. */
export interface Attempt {
  /** The name of the tenant that is signed in to, existing or not: those of one name wait for each other. */
  tenant: string
  budgets: readonly Budget[]
  /** To which the time that shared counts take is added. */
  time?: DatabaseTime | undefined
}

interface Count {
  failures: number
  /** Milliseconds since 1970. */
  endsAt: number
}

const WINDOW_MS = 60_000

/** More than a server can check in a window, so that no flood of names pushes a count out. */
const MAX_KEYS = 50_000

/** Of one tenant, as is the next. */
const CONCURRENT = 2

const MAX_WAITING = 300

export class FailedAttempts {
  readonly #counts = new LRUCache<string, Count>({ max: MAX_KEYS })
  readonly #queues = new Map<string, LimitFunction>()
  /** The checks under way, with the budgets that they may take from. */
  readonly #running = new Map<Promise<unknown>, readonly Budget[]>()
  readonly #now: () => number
  readonly #shared: SharedFailures | undefined

  /** @param shared counts that other processes add to; without it this one counts for itself */
  constructor(now: () => number = Date.now, shared?: SharedFailures) {
    this.#now = now
    this.#shared = shared
  }

  /**
   * Runs a check of credentials unless a budget is used up; what resolves to null is counted as a failure.
   *
   * @returns what the check resolves to
   */
  async attempt<T>(attempt: Attempt, check: () => Promise<T | null>): Promise<T | null> {
    const { tenant, budgets } = attempt
    this.#refuseSpent(budgets)
    const queue = this.#queues.get(tenant) ?? pLimit(CONCURRENT)
    if (queue.pendingCount >= MAX_WAITING) throw errors.unavailable()
    this.#queues.set(tenant, queue)
    try {
      return await queue(() => this.#run(attempt, check))
    } finally {
      if (queue.activeCount + queue.pendingCount === 0) this.#queues.delete(tenant)
    }
  }

  async #run<T>(attempt: Attempt, check: () => Promise<T | null>): Promise<T | null> {
    const { budgets } = attempt
    await this.#learn(attempt, 'read')
    // Near its limit a key has to wait for the outcome of what runs already: parallel guesses gain nothing.
    for (let rivals = this.#rivals(budgets); rivals.length > 0; rivals = this.#rivals(budgets))
      await Promise.race(rivals)
    this.#refuseSpent(budgets)
    const running = check()
    const settled = running.then(
      (outcome) => (outcome === null ? this.#countFailure(attempt) : undefined),
      () => {},
    )
    this.#running.set(settled, budgets)
    await settled
    this.#running.delete(settled)
    return running
  }

  #failures(key: string): number {
    const count = this.#counts.get(key)
    return count === undefined || count.endsAt <= this.#now() ? 0 : count.failures
  }

  /** The checks under way whose failures could use up one of the budgets. */
  #rivals(budgets: readonly Budget[]): Promise<unknown>[] {
    const running = [...this.#running]
    return budgets.flatMap(({ key, limit }) => {
      const same = running.filter(([, others]) => others.some((other) => other.key === key))
      return this.#failures(key) + same.length >= limit ? same.map(([settled]) => settled) : []
    })
  }

  #refuseSpent(budgets: readonly Budget[]): void {
    const spent = budgets.filter(({ key, limit }) => this.#failures(key) >= limit)
    if (spent.length === 0) return
    const endsAt = Math.max(...spent.map(({ key }) => this.#counts.get(key)?.endsAt ?? 0))
    throw errors.tooManyRequests(Math.max(1, Math.ceil((endsAt - this.#now()) / 1000)))
  }

  /** What all processes together have counted takes the place of what is known here. */
  async #learn({ tenant, budgets, time }: Attempt, how: keyof SharedFailures): Promise<void> {
    if (this.#shared === undefined) return
    const counts = await measured(
      time,
      this.#shared[how](
        tenant,
        budgets.map(({ key }) => key),
      ),
    )
    for (const [key, { failures, remaining }] of counts)
      this.#counts.set(key, { failures, endsAt: this.#now() + remaining })
  }

  async #countFailure(attempt: Attempt): Promise<void> {
    for (const { key } of attempt.budgets) {
      const failures = this.#failures(key)
      const endsAt = failures === 0 ? this.#now() + WINDOW_MS : (this.#counts.get(key) as Count).endsAt
      this.#counts.set(key, { failures: failures + 1, endsAt })
    }
    // Unheard of by the others it is still counted here.
    await this.#learn(attempt, 'add').catch(() => {})
  }
}
