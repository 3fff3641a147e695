// How late the event loop is: a timer that comes late tells how long everything else has waited. What the start itself
// has held up does not count.

export class EventLoopLag {
  readonly #elapsed: () => number
  readonly #every: number
  #due: number | undefined
  /** By how many milliseconds the last tick was late. */
  milliseconds = 0

  /**
   * @param elapsed milliseconds since some moment
   * @param every milliseconds after which each tick is due
   */
  constructor(elapsed: () => number, every: number) {
    this.#elapsed = elapsed
    this.#every = every
  }

  /** To be called by a timer of the event loop; the first time there is nothing yet to compare with. */
  tick(): void {
    const now = this.#elapsed()
    this.milliseconds = this.#due === undefined ? 0 : Math.max(0, now - this.#due)
    this.#due = now + this.#every
  }
}
