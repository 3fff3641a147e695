// The one way to a connection of the pool. Every piece of work names its tenant and its kind; no tenant ever has more than
// its share of the connections, no kind of work more than its own, and the tenants that wait take turns.
import { errors } from '../../errors.ts'

/** Parts of the pool, each between 0 and 1. */
export interface Share {
  /** Of all tenants together. */
  all: number
  /** Of one tenant. */
  tenant: number
}

/** What one tenant may have, whatever it does; of `SHARED` no more than all. */
const TENANT_SHARE = 0.6

const SHARES = {
  /** Reads that travel alone: some take as long as STATEMENT_TIMEOUT. */
  read: { all: 0.8, tenant: 0.5 },
  /** Reads of long answers, or of statements that take much memory to plan. */
  bulk: { all: 0.3, tenant: 0.2 },
  /** Exports last as long as the database takes to read them. */
  stream: { all: 0.5, tenant: 0.3 },
  /** Single statements that write. */
  write: { all: 0.8, tenant: 0.5 },
  /** Transactions wait for locks while they hold a connection; imports last for minutes. */
  transaction: { all: 0.7, tenant: 0.4 },
} as const satisfies Record<string, Share>

export type WorkKind = keyof typeof SHARES

/** The key of work for several tenants at once: their batches bound it themselves. */
export const SHARED = ''

export interface GateOptions {
  /** Connections of the pool. */
  size: number
  /** Milliseconds to wait at most; errors.unavailable beyond. */
  patience: number
}

interface Waiter {
  readonly kind: WorkKind
  readonly admit: () => void
  readonly timer: NodeJS.Timeout
}

export class ConnectionGate {
  readonly #options: GateOptions
  /** By tenant, in the order of their turns. */
  readonly #waiting = new Map<string, Set<Waiter>>()
  /** Connections in use: in all, and by key of tenant, kind, or both. */
  readonly #used = new Map<string, number>()

  constructor(options: GateOptions) {
    this.#options = options
  }

  /**
   * Waits for a place.
   *
   * @param tenantId whose work it is, or SHARED
   * @returns what gives the place back, to be called once; rejects with errors.unavailable when none is free in time
   */
  enter(tenantId: string, kind: WorkKind): Promise<() => void> {
    if (this.#hasRoom(tenantId, kind) && !this.#isAwaited(tenantId, kind))
      return Promise.resolve(this.#take(tenantId, kind))
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(tenantId) ?? new Set()
      const giveUp = () => {
        this.#leave(tenantId, waiter)
        reject(errors.unavailable())
      }
      const waiter: Waiter = {
        kind,
        admit: () => resolve(this.#take(tenantId, kind)),
        timer: setTimeout(giveUp, this.#options.patience).unref(),
      }
      queue.add(waiter)
      this.#waiting.set(tenantId, queue)
    })
  }

  #isAwaited(tenantId: string, kind: WorkKind): boolean {
    for (const waiter of this.#waiting.get(tenantId) ?? []) if (waiter.kind === kind) return true
    return false
  }

  #take(tenantId: string, kind: WorkKind): () => void {
    const keys = keysOf(tenantId, kind)
    for (const key of keys) this.#used.set(key, this.#usedOf(key) + 1)
    return () => {
      for (const key of keys) {
        const left = this.#usedOf(key) - 1
        if (left > 0) this.#used.set(key, left)
        else this.#used.delete(key)
      }
      this.#admitNext()
    }
  }

  #usedOf(key: string): number {
    return this.#used.get(key) ?? 0
  }

  #hasRoom(tenantId: string, kind: WorkKind): boolean {
    const { size } = this.#options
    const share = SHARES[kind]
    const ofTenant = tenantId === SHARED ? [1, 1] : [TENANT_SHARE, share.tenant]
    const parts = [1, share.all, ...ofTenant]
    return keysOf(tenantId, kind).every((key, at) => this.#usedOf(key) < Math.ceil((parts[at] ?? 1) * size))
  }

  /** Lets in the first that has room, of the tenant whose turn comes next; that tenant's next turn is the last. */
  #admitNext(): void {
    for (const [tenantId, queue] of this.#waiting) {
      const next = [...queue].find(({ kind }) => this.#hasRoom(tenantId, kind))
      if (next === undefined) continue
      this.#leave(tenantId, next)
      if (queue.size > 0) {
        this.#waiting.delete(tenantId)
        this.#waiting.set(tenantId, queue)
      }
      next.admit()
      return
    }
  }

  #leave(tenantId: string, waiter: Waiter): void {
    clearTimeout(waiter.timer)
    const queue = this.#waiting.get(tenantId)
    queue?.delete(waiter)
    if (queue?.size === 0) this.#waiting.delete(tenantId)
  }
}

/** All, all of the kind, the tenant's, the tenant's of the kind. */
const keysOf = (tenantId: string, kind: WorkKind): string[] => [
  '*',
  `* ${kind}`,
  tenantId,
  `${tenantId} ${kind}`,
]
