// The pool behind its gate: a connection for a piece of a tenant's work, within the tenant's share and the kind's.
import type pg from 'pg'
import { ConnectionGate, type WorkKind } from './connection-gate.ts'

/** A connection that is held until it is released, once. */
export interface Lease {
  readonly client: pg.PoolClient
  /** @param broken whether the connection is to be closed instead of reused */
  release(broken?: boolean): void
}

/** Milliseconds, for a pool that waits without end. */
const DEFAULT_PATIENCE = 5000

export class GatedPool {
  readonly #pool: pg.Pool
  readonly #gate: ConnectionGate
  /** Milliseconds that work waits for a connection. */
  readonly patience: number

  constructor(pool: pg.Pool) {
    this.#pool = pool
    this.patience = pool.options.connectionTimeoutMillis || DEFAULT_PATIENCE
    this.#gate = new ConnectionGate({ size: pool.options.max, patience: this.patience })
  }

  /** @param tenantId whose work it is, or SHARED; errors.unavailable when there is no connection for it in time */
  async connect(tenantId: string, kind: WorkKind): Promise<Lease> {
    const leave = await this.#gate.enter(tenantId, kind)
    try {
      const client = await this.#pool.connect()
      return {
        client,
        release(broken = false) {
          client.release(broken)
          leave()
        },
      }
    } catch (error) {
      leave()
      throw error
    }
  }

  /** The connections that a part of the pool comes to, at least one. */
  places(part: number): number {
    return Math.max(1, Math.floor(this.#pool.options.max * part))
  }
}
