// A pool that makes do with fewer connections when PostgreSQL allows no more: requests wait for those that are open
// instead of being refused. After a while it asks for more again.
import pg from 'pg'
import { errorCode } from '../../errors/codes.ts'

/** SQLSTATE too_many_connections: of the server, the database or the role. */
export const TOO_MANY_CONNECTIONS = '53300'

/** Milliseconds. */
const ASK_AGAIN_AFTER = 10_000

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
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client === undefined ? reject(error) : resolve(client)))
      })
    }
    super.connect((error, client, release) => {
      if (errorCode(error) !== TOO_MANY_CONNECTIONS || this.#open === 0)
        return callback(error, client, release)
      this.#makeDo()
      super.connect(callback)
    })
    return undefined
  }

  #makeDo(): void {
    this.options.max = this.#open
    setTimeout(() => {
      this.options.max = this.#most
    }, ASK_AGAIN_AFTER).unref()
  }
}
