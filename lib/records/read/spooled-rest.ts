// The rest of a stream by way of a temporary file: it is read from its source as fast as that goes, and taken from the file
// as slowly as its reader is. Where there is no room for all of it, what does not fit stays with the source.
import { errorCode } from '../../errors/codes.ts'
import { Problem } from '../../errors/problem.ts'
import type { Spool } from '../../files/spool.ts'

/** The next text of a source; null after the last. */
type Source = () => Promise<string | null>

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'])

export class SpooledRest {
  readonly #source: Source
  /** Resolves when the source has ended or failed, or there is no more room. */
  readonly filled: Promise<void>
  #spool: Spool | undefined
  #at = 0
  #state: 'filling' | 'full' | 'ended' | { error: unknown } = 'filling'
  /** Text that found no room. */
  #left: string | undefined
  /** Readers that wait for more. */
  #waiting: (() => void)[] = []

  constructor(open: () => Promise<Spool>, source: Source) {
    this.#source = source
    this.filled = this.#fill(open)
  }

  /** Whether the source is read at the reader's pace again. */
  get hasNoRoom(): boolean {
    return this.#state === 'full'
  }

  /** What comes next; null after the last. Rejects as the source did, once everything before is taken. */
  async next(): Promise<string | Buffer | null> {
    for (;;) {
      const state = this.#state
      if (this.#spool !== undefined && this.#at < this.#spool.size) return this.#read(this.#spool)
      if (state === 'ended') return null
      if (state === 'full') return this.#takeLeft() ?? this.#source()
      if (state !== 'filling') throw state.error
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async #read(spool: Spool): Promise<Buffer> {
    const { size } = spool
    // Beyond its size the file may hold part of what found no room.
    const piece = (await spool.read(this.#at)).subarray(0, size - this.#at)
    this.#at += piece.length
    return piece
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }

  #takeLeft(): string | undefined {
    const left = this.#left
    this.#left = undefined
    return left
  }

  async #fill(open: () => Promise<Spool>): Promise<void> {
    try {
      this.#spool = await this.#withRoom(open())
      while (this.#spool !== undefined && this.#state === 'filling') await this.#fillOne(this.#spool)
    } catch (error) {
      this.#state = { error }
    }
    this.#wake()
  }

  async #fillOne(spool: Spool): Promise<void> {
    const text = await this.#source()
    if (text === null) {
      this.#state = 'ended'
      return
    }
    this.#left = text
    await this.#withRoom(spool.append(text))
    if (!this.hasNoRoom) this.#left = undefined
    this.#wake()
  }

  /** The result; undefined when there is no room for it. */
  async #withRoom<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work
    } catch (error) {
      if (!(error instanceof Problem) && !NO_ROOM.has(errorCode(error))) throw error
      this.#state = 'full'
      return undefined
    }
  }
}
