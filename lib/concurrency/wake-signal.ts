// Waiting that can be cut short, and that does not keep the process alive.

export class WakeSignal {
  #rung = false
  #end = () => {}

  /** Ends the present wait, or else the next one. */
  ring(): void {
    this.#rung = true
    this.#end()
  }

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
