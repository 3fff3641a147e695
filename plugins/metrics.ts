// The metrics of this process, where METRICS_TOKEN or METRICS_PORT lets somebody read them: requests here, refusals and retries
// where they happen. Without them there is neither a hook nor a counter.
import cluster from 'node:cluster'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { STATEMENT_CHANNEL } from '../lib/db/statement-channel.ts'
import type { Metrics } from '../lib/metrics/metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined: nobody may read any. */
    metrics: Metrics | undefined
    /** The text of this process, or of all workers. */
    readMetrics: () => Promise<string>
  }
}

async function metricsPlugin(app: FastifyInstance): Promise<void> {
  const { METRICS_TOKEN, METRICS_PORT } = app.settings
  if (METRICS_TOKEN === undefined && METRICS_PORT === 0) {
    app.decorate('metrics', undefined)
    return
  }
  const { Metrics } = await import('../lib/metrics/metrics.ts')
  const metrics = new Metrics(STATEMENT_CHANNEL, cluster.worker?.id)
  app.addHook('onClose', async () => metrics.close())
  app.decorate('metrics', metrics)
  app.decorate('readMetrics', await readerOf(metrics))
  app.addHook('onResponse', (request, reply, next) => {
    observe(metrics, request, reply)
    next()
  })
}

async function readerOf(metrics: Metrics): Promise<() => Promise<string>> {
  const ownText = () => metrics.text()
  if (cluster.isPrimary) return ownText
  const { shareMetrics } = await import('../lib/metrics/worker-metrics.ts')
  return shareMetrics(ownText)
}

function observe(
  { instruments }: Metrics,
  { method, routeOptions }: FastifyRequest,
  reply: FastifyReply,
): void {
  const labels = {
    method,
    route: routeOptions.url ?? 'none',
    status: `${Math.floor(reply.statusCode / 100)}xx`,
  }
  instruments.requests.observe(labels, reply.elapsedTime / 1000)
}

export default fp(metricsPlugin, { name: 'metrics', dependencies: ['config'] })
