// Spans of requests, sent to OTEL_EXPORTER_OTLP_ENDPOINT. Without it neither a hook nor OpenTelemetry's code is there.
import type { Span } from '@opentelemetry/api'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Tracing } from '../lib/tracing/tracing.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined: nothing is traced. */
    tracing: Tracing | undefined
  }
  interface FastifyRequest {
    span?: Span
  }
}

async function tracingPlugin(app: FastifyInstance): Promise<void> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: service } = app.settings
  if (endpoint === undefined) {
    app.decorate('tracing', undefined)
    return
  }
  const { Tracing } = await import('../lib/tracing/tracing.ts')
  const { ReportingExporter } = await import('../lib/tracing/span-exporter.ts')
  const tracing = new Tracing(new ReportingExporter(endpoint, app.log), service)
  app.decorate('tracing', tracing)
  app.addHook('onClose', () => tracing.close())
  app.addHook('onRequest', (request, _reply, next) => {
    const { method, id, headers, routeOptions } = request
    request.span = tracing.enter({ method, id, headers, route: routeOptions.url }, next)
  })
  app.addHook('onResponse', ({ span }, { statusCode }, next) => {
    if (span !== undefined) tracing.leave(span, statusCode)
    next()
  })
}

export default fp(tracingPlugin, { name: 'tracing', dependencies: ['config'] })
