// Runs handlers on current metadata: what fails on metadata that is no longer in force is run again on the present one, as a
// caller who is admitted again. So no request is refused, or served, by a state of the schema or of rights that is over.
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { isOutdated, refusalOfVisitor } from '../lib/auth/admission.ts'
import { callerOf } from '../lib/auth/caller.ts'
import { KeyedQueue } from '../lib/concurrency/keyed-queue.ts'
import { retryStale } from '../lib/db/retry-stale.ts'
import type { TenantSnapshot } from '../lib/db/tenant.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Runs work again whenever it turns out to have been done on old metadata, each time with a `request.caller` who is
     * admitted by the present one. Every handler runs inside one; a handler with work that must not be repeated (a
     * consumed stream, a hash) does that first and runs the rest inside another.
     */
    onCurrentMetadata: <T>(request: FastifyRequest, work: () => Promise<T>) => Promise<T>
  }
}

/** How long a request waits for others that change the same tenant. */
const PATIENCE_MS = 5000

/** After waiting for others what was read before is likely to be old. */
async function takeTurn({ registry }: FastifyInstance, queue: KeyedQueue, tenant: TenantSnapshot) {
  const giveBack = await queue.take(tenant.id)
  registry.evict(tenant)
  return giveBack
}

async function readmit(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  await app.authenticate(request)
  await app.measureDatabase(request)
  await app.countRequest(request)
}

/** The handler inside onCurrentMetadata. A failed validation is its first failure: the schema may be an old one, too. */
function guard(handler: RouteHandlerMethod): RouteHandlerMethod {
  return async function guarded(request, reply) {
    const handle = async () => {
      if (request.validationError) throw request.validationError
      return handler.call(this, request, reply)
    }
    return request.caller === null ? handle() : request.server.onCurrentMetadata(request, handle)
  }
}

async function currentMetadata(app: FastifyInstance): Promise<void> {
  const queue = new KeyedQueue(PATIENCE_MS)

  async function onCurrentMetadata<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    const isOld = (error: unknown) => isOutdated(app, error, callerOf(request).tenant)
    return retryStale(work, isOld, {
      takeTurn: () => takeTurn(app, queue, callerOf(request).tenant),
      prepare: () => readmit(app, request),
    }).catch((error) => {
      throw callerOf(request).id === null ? refusalOfVisitor(error) : error
    })
  }

  const guarded = new WeakSet<RouteHandlerMethod>()
  app.decorate('onCurrentMetadata', onCurrentMetadata)
  app.addHook('onRoute', (route: RouteOptions) => {
    const access = route.config?.access ?? 'public'
    // The HEAD route that Fastify makes of a GET route comes with the handler guarded already.
    if (access === 'public' || guarded.has(route.handler)) return
    route.handler = guard(route.handler)
    route.attachValidation = true
    guarded.add(route.handler)
  })
}

export default fp(currentMetadata, {
  name: 'current-metadata',
  dependencies: ['registry', 'auth', 'database-time', 'request-quota'],
})
