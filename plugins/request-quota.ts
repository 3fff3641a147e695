// Counts the requests of each tenant with a quota of so many a minute, in onRequest; refuses those past it with 429.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isOutdated } from '../lib/auth/admission.ts'
import { retryStale } from '../lib/db/retry-stale.ts'
import type { TenantSnapshot } from '../lib/db/tenant.ts'
import { RequestQuota } from '../lib/quotas/request-quota-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request whose caller is known, once, as soon as there is a quota; errors.requestQuotaExceeded. */
    countRequest: (request: FastifyRequest) => Promise<void>
  }
  interface FastifyRequest {
    isCounted: boolean
  }
}

async function requestQuotaPlugin(app: FastifyInstance): Promise<void> {
  const { registry } = app
  const quota = new RequestQuota(app.db, app.clock.elapsed)

  /** By the tenant's present state, which need not be the one that the caller was admitted by. */
  async function take(id: string): Promise<void> {
    let tenant: TenantSnapshot | null = null
    await retryStale(
      async () => {
        tenant = await registry.tenant(id)
        if (tenant !== null) await quota.take(tenant)
      },
      (error) => tenant !== null && isOutdated(app, error, tenant),
    )
  }

  async function countRequest(request: FastifyRequest): Promise<void> {
    if (request.caller === null || request.isCounted) return
    const { id, quotas } = request.caller.tenant
    if (quotas.requests_per_minute === undefined) return
    await take(id)
    request.isCounted = true
  }

  app.decorateRequest('isCounted', false)
  app.decorate('countRequest', countRequest)
  app.addHook('onRequest', countRequest)
}

export default fp(requestQuotaPlugin, { name: 'request-quota', dependencies: ['clock', 'registry', 'auth'] })
