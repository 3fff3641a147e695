// Spans of requests and of their work in the database. They have routes, codes and SQL texts, never a value, a parameter, a
// name of a tenant or the message of an error. The request that a statement belongs to is found by its asynchronous context.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'

/** A request that has arrived. */
export interface TracedRequest {
  method: string
  /** The pattern of its route; absent: it has none. */
  route?: string | undefined
  id: string
  headers: object
}

/** Characters of a statement that a span has. */
const LONGEST_TEXT = 4000

/** Milliseconds that the last spans get to be sent. */
const PATIENCE = 2000

export class Tracing {
  readonly #provider: BasicTracerProvider
  readonly #tracer: Tracer
  readonly #present = new AsyncLocalStorage<Context>()
  readonly #propagator = new W3CTraceContextPropagator()

  constructor(exporter: SpanExporter, service: string) {
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    })
    this.#tracer = this.#provider.getTracer('univera')
  }

  /** Begins the span of a request, below the one that its `traceparent` names, and goes on inside it. */
  enter({ method, route, id, headers }: TracedRequest, goOn: () => void): Span {
    const above = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
    const attributes = {
      'http.request.method': method,
      'http.response.header.x-request-id': id,
      ...(route !== undefined && { 'http.route': route }),
    }
    const name = route === undefined ? method : `${method} ${route}`
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, above)
    this.#present.run(trace.setSpan(above, span), goOn)
    return span
  }

  /** Ends the span of a request. */
  leave(span: Span, status: number): void {
    span.setAttribute('http.response.status_code', status)
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }

  /** Observes the work of a database, as DatabaseObserver; the work of no request has no span. */
  readonly observeDatabase = (work: string, statement?: { text: string }) => {
    const context = this.#present.getStore()
    if (context === undefined) return () => {}
    const attributes = {
      'db.system.name': 'postgresql',
      'db.operation.name': work,
      ...(statement && { 'db.query.text': statement.text.slice(0, LONGEST_TEXT) }),
    }
    const span = this.#tracer.startSpan(work, { kind: SpanKind.CLIENT, attributes }, context)
    return (error?: unknown) => {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    }
  }

  /** Sends what is left, for a bounded time. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const giveUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE)
    })
    await Promise.race([this.#provider.shutdown().catch(() => {}), giveUp])
    clearTimeout(timer)
  }
}
