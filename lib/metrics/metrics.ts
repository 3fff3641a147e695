// The metrics of one process, for Prometheus. Made only where somebody may read them; a server without has none of this code.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { createInstruments, type Instruments } from './instruments.ts'

/** Something to be counted at each reading. */
export interface Level {
  name: string
  help: string
  /** The label that tells the values apart. */
  label: string
  /** The values by label; a failure leaves them out. */
  read(): Record<string, number> | Promise<Record<string, number>>
}

/** What went over the wire: a statement with its text, or the entering of a tenant, which was prepared. */
type SentSteps = readonly { text?: string }[]

export class Metrics {
  readonly instruments: Instruments
  readonly #registry = new Registry()
  readonly #channel: string

  /**
   * @param channel the diagnostics channel of the statements that are sent
   * @param worker which of several workers this is; absent: the only process
   */
  constructor(channel: string, worker?: number) {
    if (worker !== undefined) this.#registry.setDefaultLabels({ worker: String(worker) })
    this.instruments = createInstruments(this.#registry)
    collectDefaultMetrics({ register: this.#registry })
    this.#channel = channel
    subscribe(channel, this.#countSent)
  }

  /** Adds what is counted only when somebody asks. */
  watch({ name, help, label, read }: Level): void {
    const registers = [this.#registry]
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      async collect() {
        this.reset()
        const values = await Promise.resolve()
          .then(read)
          .catch(() => ({}))
        for (const [value, level] of Object.entries(values)) this.set({ [label]: value }, level)
      },
    })
  }

  /** All metrics as text, in the format of `contentType`. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  close(): void {
    unsubscribe(this.#channel, this.#countSent)
  }

  readonly #countSent = (message: unknown): void => {
    const steps = message as SentSteps
    let statements = 0
    for (const { text } of steps) if (text !== undefined) statements += 1
    this.instruments.statements.inc(statements)
    if (statements < steps.length) this.instruments.batches.observe(statements)
  }
}
