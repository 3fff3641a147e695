// The end of a process: on SIGTERM, SIGINT or a fatal error what was started is closed, last first, within ten seconds.
// A second Ctrl-C ends at once.
import closeWithGrace from 'close-with-grace'
import type { Log } from './log.ts'

/** Less than the ten seconds that Docker and others wait before they kill. */
const limit = 9000

/** npm passes on the signal that the terminal, or a service manager, has sent to the whole group already. */
const echo = 500

type Signal = 'SIGINT' | 'SIGTERM'

const signals: Signal[] = ['SIGINT', 'SIGTERM']

interface Part {
  /** Closes it, in at most so many milliseconds. */
  close(patience: number): Promise<void>
  /** Ends it without waiting. */
  abandon?(): void
}

export class Shutdown {
  readonly #parts: Part[] = []
  readonly #log: Log
  readonly #exit: () => void
  #since: number | undefined

  /**
   * @param obeyed the signals that begin it; the others are ignored
   */
  constructor(log: Log, obeyed = signals) {
    this.#log = log
    const options = { delay: limit + 500, logger: undefined, skip: signals }
    this.#exit = closeWithGrace(options, ({ err }) => this.#closeAfter(err)).close
    for (const signal of signals) process.on(signal, () => obeyed.includes(signal) && this.#onSignal())
  }

  /** To be closed before everything that was added earlier. */
  add(part: Part): void {
    this.#parts.push(part)
  }

  get begun(): boolean {
    return this.#since !== undefined
  }

  /** Closes everything and exits with 0. */
  begin(): void {
    if (!this.begun) this.#exit()
  }

  /** Closes everything. */
  async closeAll(): Promise<void> {
    this.#since = Date.now()
    for (const part of this.#parts.toReversed()) {
      const patience = this.#since + limit - Date.now()
      await part.close(patience).catch((error) => this.#log.error({ err: error }, 'Not closed cleanly'))
    }
  }

  #onSignal(): void {
    if (this.#since === undefined) this.begin()
    else if (Date.now() - this.#since > echo) {
      for (const part of this.#parts) part.abandon?.()
      process.exit(1)
    }
  }

  async #closeAfter(error: Error | undefined): Promise<void> {
    if (error) this.#log.error({ err: error }, 'Fatal error')
    this.#log.info('Closing')
    await this.closeAll()
    this.#log.info('Closed')
  }
}
