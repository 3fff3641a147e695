// Connections that many requests use at once: a statement is sent before those ahead of it are answered, which saves the
// server and PostgreSQL most of their system calls. A slow statement delays those behind it, so only statements known to
// be cheap belong here.
import type pg from 'pg'

/** Opens a pipelined connection that is set up for scoped statements. */
export type Connect = () => Promise<pg.Client>

export class PipelinedConnections {
  readonly #connect: Connect
  readonly #slots: (Promise<pg.Client> | undefined)[]
  #at = 0
  #closed = false

  /** @param count connections; each is opened when it is first needed, and again after it was lost */
  constructor(connect: Connect, count: number) {
    this.#connect = connect
    this.#slots = new Array(count).fill(undefined)
  }

  /** The connections in rotation. */
  next(): Promise<pg.Client> {
    this.#at = (this.#at + 1) % this.#slots.length
    return this.#slots[this.#at] ?? this.#open(this.#at)
  }

  #open(at: number): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new Error('Connection terminated: the server closes'))
    const connecting = this.#connect()
    this.#slots[at] = connecting
    const forget = () => {
      if (this.#slots[at] === connecting) this.#slots[at] = undefined
    }
    connecting.then((client) => client.on('error', forget).on('end', forget), forget)
    return connecting
  }

  async close(): Promise<void> {
    this.#closed = true
    const open = this.#slots.filter((slot) => slot !== undefined)
    await Promise.allSettled(open.map(async (slot) => (await slot).end()))
  }
}
