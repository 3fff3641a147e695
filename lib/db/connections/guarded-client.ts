// A client that what PostgreSQL sends cannot bring down: the messages are watched by their headers, before they are put
// together, and one that is too large ends its connection instead of filling the memory.
// https://www.postgresql.org/docs/current/protocol-message-formats.html (a byte of type, four of length)
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import pg from 'pg'
import { LARGEST_ANSWER } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'
import { type Connection, connectionOf } from './pg-adapter.ts'

const MEBIBYTE = 2 ** 20

/** Bytes of one message: a row of what no query is meant to give, but less than fills the memory. */
const LARGEST_MESSAGE = 80 * MEBIBYTE

/** Bytes of the head of a message. */
const HEADER = 5

/**
 * A client on whose connection nothing that PostgreSQL sends can end the process: a message that is too large, or that
 * cannot be parsed, ends the connection, and what was asked on it is rejected.
 */
export class GuardedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    guard(connectionOf(this))
  }
}

function guard(connection: Connection): void {
  const parse = connection.attachListeners.bind(connection)
  connection.attachListeners = (stream) => {
    const accepted = new EventEmitter()
    const messages = new MessageGuard(LARGEST_MESSAGE)
    const socket = stream as Socket
    parse(accepted)
    stream.on('end', () => accepted.emit('end'))
    stream.on('data', (chunk: Buffer) => {
      try {
        if (messages.accepts(chunk)) accepted.emit('data', chunk)
        else socket.destroy(errors.answerTooLarge(LARGEST_ANSWER))
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
  }
}

/** A client that sends a query before those ahead of it are answered. */
export function createPipelinedClient(config: pg.ClientConfig): pg.Client {
  return new GuardedClient({ ...config, pipeline: true })
}

/** Follows the messages in what arrives. */
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
