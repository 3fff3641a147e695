// Counts the requests of each tenant that may send only so many a minute, whoever sends them.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isOutdated } from '../lib/auth/admission.ts'
import { retryStale } from '../lib/db/retry-stale.ts'
import type { TenantSnapshot } from '../lib/db/tenant.ts'
import { RequestQuota } from '../lib/quotas/request-quota.ts'

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

  /** By the tenant as it is: what the caller was admitted with may be old, which is for others to find out. */
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
}

export default fp(requestQuotaPlugin, { name: 'request-quota', dependencies: ['clock', 'registry'] })
