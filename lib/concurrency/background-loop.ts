// Work that a server repeats in the background: one round at a time, the next after a while or when it is woken. A round that
// fails is reported, and the loop goes on. Nothing of it keeps the process alive.
import { WakeSignal } from './wake-signal.ts'

export interface BackgroundWork {
  /** One round; a long one pauses between its steps, and ends soon when `isStopping`. */
  round: () => Promise<void>
  /** Takes what a round rejects with. */
  onError: (error: unknown) => void
  /** Milliseconds from the end of a round to the next. */
  every: number
}

export class BackgroundLoop {
  readonly #work: BackgroundWork
  #last: Promise<void> = Promise.resolve()
  /** The round that begins after the last one. */
  #next: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #pause = new WakeSignal()
  #isStopping = false

  constructor(work: BackgroundWork) {
    this.#work = work
  }

  /** True once the loop is to end. */
  get isStopping(): boolean {
    return this.#isStopping
  }

  /** Begins a round, after the present one if there is one; resolves when that round has ended, whatever came of it. */
  wake(): Promise<void> {
    clearTimeout(this.#timer)
    this.#pause.ring()
    this.#next ??= this.#last.then(() => this.#run())
    return this.#next
  }

  /** Waits inside a round, until the loop is woken or stopped at most. */
  pause(ms: number): Promise<void> {
    return this.#pause.wait(ms)
  }

  /** Ends the loop; resolves when the present round has ended. */
  stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    this.#pause.ring()
    return this.#next ?? this.#last
  }

  #run(): Promise<void> {
    this.#next = undefined
    this.#pause = new WakeSignal()
    this.#last = this.#isStopping ? Promise.resolve() : this.#round()
    return this.#last
  }

  async #round(): Promise<void> {
    try {
      await this.#work.round()
    } catch (error) {
      this.#work.onError(error)
    }
    if (this.#isStopping || this.#next !== undefined) return
    this.#timer = setTimeout(() => this.wake(), this.#work.every).unref()
  }
}
