// An interruptible wait for background loops, which does not keep the process alive.

export class WakeSignal {
  #rung = false
  #end = () => {}

  /** Ends the current wait, or the next one when none is in progress. */
  ring(): void {
    this.#rung = true
    this.#end()
  }

  /** Waits so many milliseconds, or until `ring`. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms).unref()
        this.#end = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#rung = false
  }
}
