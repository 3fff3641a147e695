// A pool whose waits for a connection are measured: for the gate's permission and for the connection itself.
import type pg from 'pg'
import type { WorkKind } from './connection-gate.ts'
import { GatedPool, type Lease } from './gated-pool.ts'

/** Takes the wait for a connection, in seconds. */
export type WaitObserver = (kind: WorkKind, seconds: number) => void

export class ObservedPool extends GatedPool {
  readonly #observe: WaitObserver

  constructor(pool: pg.Pool, observe: WaitObserver) {
    super(pool)
    this.#observe = observe
  }

  override async connect(tenantId: string, kind: WorkKind): Promise<Lease> {
    const since = performance.now()
    try {
      return await super.connect(tenantId, kind)
    } finally {
      this.#observe(kind, (performance.now() - since) / 1000)
    }
  }
}
