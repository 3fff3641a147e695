// The connections to the coordinator of Citus, and to each group of shards on its node, from when it is first needed. Where
// they are is read at the start, and again when a statement has met its tenant elsewhere or a node does not answer.
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { errorCode, TENANT_ELSEWHERE } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'
import type { TenantDb } from '../statement.ts'
import type { Connections } from '../tenant-directory.ts'
import type { Placement, PlacementMap } from './placement-map.ts'
import { readPlacements } from './placements-store.ts'

/** The connections to one group of shards, or to the coordinator. */
export interface Node {
  readonly pool: pg.Pool
  readonly db: TenantDb
  close(): Promise<void>
}

/** While a move commits on one node after the other, the map may still be the old one. */
const TRIES = 8

const PAUSE_MS = 25

export class Nodes {
  readonly coordinator: Node
  /** One connection to each node, for what looks through all its shards. */
  readonly #visitors = new Map<string, pg.Pool>()
  readonly #visit: (node: string) => pg.Pool
  readonly #open: (placement: Placement) => Node
  readonly #nodes = new Map<string, Node>()
  #map: Promise<PlacementMap> | undefined
  #reading: Promise<PlacementMap> | undefined

  /**
   * @param coordinator the connections to the coordinator
   * @param open connects to a group of shards, when statements are sent there
   * @param visit connects to the node at `host:port`, with few connections
   */
  constructor(coordinator: Node, open: (placement: Placement) => Node, visit: (node: string) => pg.Pool) {
    this.#visit = visit
    this.coordinator = coordinator
    this.#open = open
  }

  /** Runs work on the node that holds the tenant; again where it has been moved to, when it was not there. */
  async at<T>(tenantId: string, work: (node: Node) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const node = await this.#nodeOf(tenantId)
      try {
        return await work(node)
      } catch (error) {
        if (errorCode(error) !== TENANT_ELSEWHERE) {
          if (isLost(error)) void this.refresh().catch(() => {})
          throw error
        }
        if (attempt === TRIES) throw Object.assign(errors.unavailable(), { cause: error })
      }
      if (attempt > 1) await sleep(PAUSE_MS * attempt)
      await this.refresh()
    }
  }

  /** Every group of shards, to be looked through one after the other. */
  async all(): Promise<Connections[]> {
    return (await this.#current()).all().map((placement) => this.#visited(placement))
  }

  #visited({ node, shard }: Placement): Connections {
    const pool = this.#visitors.get(node) ?? this.#visit(node)
    this.#visitors.set(node, pool)
    return {
      connect: pool.connect.bind(pool) as pg.Pool['connect'],
      async query(text, values) {
        const client = await pool.connect()
        try {
          await client.query(openingOf(shard).join(';'))
          const answer = await client.query(text, values)
          client.release()
          return answer
        } catch (error) {
          client.release(true)
          throw error
        }
      },
    }
  }

  /** Runs a call at the coordinator, or at a node where that does not answer. */
  async anywhere<T>(call: (pool: pg.Pool) => Promise<T>): Promise<T> {
    try {
      return await call(this.coordinator.pool)
    } catch (error) {
      if (!isLost(error)) throw error
      for (const { pool } of this.#nodes.values()) {
        try {
          return await call(pool)
        } catch (other) {
          if (!isLost(other)) throw other
        }
      }
      throw error
    }
  }

  /** Reads again where the tenants are; concurrent calls share one reading. */
  refresh(): Promise<PlacementMap> {
    this.#reading ??= this.anywhere(readPlacements).finally(() => {
      this.#reading = undefined
    })
    const reading = this.#reading
    void reading.then(
      (map) => {
        this.#map = reading
        this.#forgetAllBut(map)
      },
      () => {},
    )
    return reading
  }

  /** Connections are of no use once the shards are elsewhere, nor when they come back. */
  #forgetAllBut(map: PlacementMap): void {
    const present = new Set(map.all().map(keyOf))
    for (const [key, node] of this.#nodes) {
      if (present.has(key)) continue
      this.#nodes.delete(key)
      void node.close()
    }
  }

  async close(): Promise<void> {
    const nodes = [this.coordinator, ...this.#nodes.values()]
    await Promise.allSettled(nodes.map((node) => node.close()))
    await Promise.allSettled([...this.#visitors.values()].map((pool) => pool.end()))
  }

  #current(): Promise<PlacementMap> {
    return this.#map ?? this.refresh()
  }

  async #nodeOf(tenantId: string): Promise<Node> {
    const placement = (await this.#current()).placementOf(tenantId)
    if (placement === undefined) throw errors.unavailable()
    return this.#at(placement)
  }

  #at(placement: Placement): Node {
    const key = keyOf(placement)
    const known = this.#nodes.get(key)
    if (known !== undefined) return known
    const node = this.#open(placement)
    this.#nodes.set(key, node)
    return node
  }
}

/** SQL with which a connection begins that is for a group of shards: the names of tables are those of its views. */
export const openingOf = (shard: string, schema = 'public'): string[] => [
  `set app.shard to ${shard}`,
  `select open_shard(${shard})`,
  `set search_path to shard_${shard}, ${schema}`,
]

const keyOf = ({ node, shard }: Placement) => `${node} ${shard}`

/** Whether a connection was lost, or there was none. */
function isLost(error: unknown): boolean {
  const code = errorCode(error)
  return (
    /^(E[A-Z]+|57P\d\d|08\w{3})$/.test(code) ||
    /^(Connection terminated|timeout)/.test((error as Error).message)
  )
}
