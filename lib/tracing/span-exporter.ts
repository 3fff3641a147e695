// Sends spans to a collector, as OTLP in JSON over HTTP. A collector that does not take them costs spans and a line of the log
// from time to time, nothing else.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Log } from '../process/log.ts'

/** Milliseconds between two lines of the log. */
const QUIET = 60_000

type Export = SpanExporter['export']

export class ReportingExporter implements SpanExporter {
  readonly #exporter: OTLPTraceExporter
  readonly #log: Log
  #quietUntil = 0

  /** @param endpoint the collector's, as OTEL_EXPORTER_OTLP_ENDPOINT has it: the path of traces is added */
  constructor(endpoint: string, log: Log) {
    this.#exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` })
    this.#log = log
  }

  readonly export: Export = (spans: ReadableSpan[], done) => {
    this.#exporter.export(spans, (result) => {
      if (result.error !== undefined) this.#report(result.error)
      done(result)
    })
  }

  #report({ message }: Error): void {
    const now = performance.now()
    if (now < this.#quietUntil) return
    this.#quietUntil = now + QUIET
    this.#log.warn(`traces are lost: OTEL_EXPORTER_OTLP_ENDPOINT does not take them: ${message}`)
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush()
  }
}
