// Connections that many requests share at once: statements are sent without waiting for the answers of those before
// them, which saves the server and PostgreSQL most of their system calls. One slow statement holds up those behind it,
// so only what is known to be cheap belongs here.
import type pg from 'pg'

/** Makes a connection in pipeline mode that is set up for scoped statements. */
export type Connect = () => Promise<pg.Client>

export class PipelinedConnections {
  readonly #connect: Connect
  readonly #slots: (Promise<pg.Client> | undefined)[]
  #next = 0
  #closed = false

  /** @param count connections; each is made when it is first needed, and anew when it was lost */
  constructor(connect: Connect, count: number) {
    this.#connect = connect
    this.#slots = new Array(count).fill(undefined)
  }

  /** Sends a query on one of the connections, each in its turn. */
  async send(query: pg.Submittable): Promise<void> {
    const client = await this.#client()
    client.query(query)
  }

  #client(): Promise<pg.Client> {
    this.#next = (this.#next + 1) % this.#slots.length
    const at = this.#next
    const known = this.#slots[at]
    if (known !== undefined) return known
    if (this.#closed) return Promise.reject(new Error('Connection terminated: the server closes'))
    const connecting = this.#open(at)
    this.#slots[at] = connecting
    return connecting
  }

  async #open(at: number): Promise<pg.Client> {
    try {
      const client = await this.#connect()
      const forget = () => {
        this.#slots[at] = undefined
      }
      client.on('error', forget)
      client.on('end', forget)
      return client
    } catch (error) {
      this.#slots[at] = undefined
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const open = this.#slots.filter((slot) => slot !== undefined)
    await Promise.allSettled(open.map(async (slot) => (await slot).end()))
  }
}
