// Watches the messages that PostgreSQL sends by their headers, before they are put together: one that is too large ends its
// connection instead of filling the memory.
// https://www.postgresql.org/docs/current/protocol-message-formats.html (a byte of type, four of length)

const HEADER = 5

export class MessageGuard {
  readonly #largest: number
  readonly #header = Buffer.alloc(HEADER)
  #gathered = 0
  /** Bytes of the message under way that are still to come. */
  #rest = 0

  /** @param largest bytes that one message may have */
  constructor(largest: number) {
    this.#largest = largest
  }

  /** Whether every message that begins in the chunk is small enough. */
  accepts(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length; ) {
      const passed = Math.min(this.#rest, chunk.length - at)
      this.#rest -= passed
      at += passed
      if (this.#rest > 0) return true
      const copied = chunk.copy(this.#header, this.#gathered, at, at + HEADER - this.#gathered)
      this.#gathered += copied
      at += copied
      if (this.#gathered < HEADER) return true
      const length = this.#header.readUInt32BE(1)
      if (length > this.#largest) return false
      this.#gathered = 0
      this.#rest = length + 1 - HEADER
    }
    return true
  }
}
