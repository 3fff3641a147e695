// Cancels what runs on a connection once nobody awaits it any more.

/** Milliseconds between two looks. */
const LOOK = 250

export class CancelWatch {
  /** Whether the cancellation was asked for. */
  hasCancelled = false
  readonly #timer: NodeJS.Timeout

  /** @param cancel asks PostgreSQL to cancel; when that cannot be done, the statement's time-out ends it */
  constructor(isAbandoned: () => boolean, cancel: () => Promise<void>) {
    this.#timer = setInterval(() => {
      if (!isAbandoned()) return
      this.end()
      this.hasCancelled = true
      cancel().catch(() => {})
    }, LOOK).unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }
}
