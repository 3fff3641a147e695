// A pool that makes do with fewer connections when PostgreSQL allows no more: requests queue for the open ones instead of
// being refused. After a while it tries for more again.
import pg from 'pg'
import { errorCode, TOO_MANY_CONNECTIONS } from '../../errors/codes.ts'

const GROWS_AGAIN_AFTER_MS = 10_000

type Connected = Parameters<pg.Pool['connect']>[0]

export class ShrinkingPool extends pg.Pool {
  readonly #most: number
  #open = 0

  constructor(config: pg.PoolConfig = {}) {
    super(config)
    this.#most = this.options.max
    this.on('connect', () => {
      this.#open += 1
    })
    this.on('remove', () => {
      this.#open -= 1
    })
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (callback === undefined)
      return super.connect().catch((error) => {
        if (this.#shrink(error)) return super.connect()
        throw error
      })
    super.connect((error, client, release) => {
      if (this.#shrink(error)) super.connect(callback)
      else callback(error, client, release)
    })
    return undefined
  }

  /** Whether the pool now makes do with the connections it has. */
  #shrink(error: Error | undefined): boolean {
    if (errorCode(error) !== TOO_MANY_CONNECTIONS || this.#open === 0) return false
    this.options.max = this.#open
    setTimeout(() => {
      this.options.max = this.#most
    }, GROWS_AGAIN_AFTER_MS).unref()
    return true
  }
}
