// Who calls, and whether he may: an onRequest hook that refuses with 401 or 403 before a body is read, by the access
// that each route declares. Who sends no token may be a visitor. Nothing is refused on old metadata: what fails on it is decided again on the new.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Access } from '../lib/access/roles.ts'
import { admit, type Bearer, isOutdated, refusalOfVisitor } from '../lib/auth/admission.ts'
import { parseApiKey } from '../lib/auth/api-key-store.ts'
import type { Caller } from '../lib/auth/caller.ts'
import { bearerToken } from '../lib/auth/claims.ts'
import { KeyUse } from '../lib/auth/key-use.ts'
import { AnonymousAccess, type AnonymousRequest } from '../lib/auth/visitors.ts'
import { KeyedQueue } from '../lib/concurrency/keyed-queue.ts'
import { retryStale } from '../lib/db/retry-stale.ts'
import type { TenantSnapshot } from '../lib/db/tenant.ts'
import { withVary } from '../lib/http/vary.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Runs work again whenever it turns out to have been done on old metadata, each time with `request.caller` read
     * and authorized anew. Every handler runs inside one; a handler with work that must not be repeated (a consumed
     * stream, a hash) does that first and puts the rest into another.
     */
    onCurrentMetadata: <T>(request: FastifyRequest, work: () => Promise<T>) => Promise<T>
  }
  interface FastifyRequest {
    /** Who calls; null on `public` routes, and on `anyone` routes when no token came. */
    caller: Caller
  }
  interface FastifyContextConfig {
    access?: Access
  }
}

/** How long a request waits for others that change the same tenant. */
const PATIENCE_MS = 5000

/** A route that declares nothing is the operator's: forgetting to declare opens nothing. */
function accessOf(app: FastifyInstance, request: FastifyRequest): Access {
  if (request.is404 || request.method === 'OPTIONS' || app.isReserved(request)) return 'public'
  return request.routeOptions.config.access ?? 'operator'
}

function bearerOf({ accessTokens }: FastifyInstance, header: string | undefined): Bearer | null {
  const token = bearerToken(header)
  return token === null ? null : (parseApiKey(token) ?? accessTokens.claimsOf(token))
}

/** Where a caller without a token wants to go. */
function anonymousRequestOf({ headers, params }: FastifyRequest): AnonymousRequest {
  const { entity } = (params ?? {}) as { entity?: string }
  return { tenant: headers['x-tenant']?.toString(), entity }
}

/** Lets nobody but the caller keep the answer, and him only as long as its entity tag is the present one. */
function keepPrivate({ headers }: FastifyRequest, reply: FastifyReply, access: Access): void {
  const byTenant = access === 'visitor' && headers.authorization === undefined
  const names = byTenant ? ['Authorization', 'X-Tenant'] : ['Authorization']
  reply.header('vary', withVary(reply.getHeader('vary'), ...names))
  reply.header('cache-control', 'private, no-cache')
}

/** After waiting for others what was read before is likely to be old. */
async function takeTurn(
  app: FastifyInstance,
  turns: KeyedQueue,
  tenant: TenantSnapshot,
): Promise<() => void> {
  const giveBack = await turns.take(tenant.id)
  app.registry.evict(tenant)
  return giveBack
}

/** Finds out who sends a request, and whether he may use its route. */
function identifier(app: FastifyInstance) {
  const keyUse = new KeyUse(app.db)
  const visitors = new AnonymousAccess(app)
  return async function identify(request: FastifyRequest, access: Access): Promise<void> {
    const { authorization } = request.headers
    if (access === 'public' || (access === 'anyone' && authorization === undefined)) return
    if (access === 'visitor' && authorization === undefined) {
      request.caller = await visitors.admit(anonymousRequestOf(request))
      return
    }
    const caller = await admit(app, bearerOf(app, authorization), access)
    if (caller.session === null) keyUse.note(caller)
    request.caller = caller
  }
}

async function auth(app: FastifyInstance): Promise<void> {
  const turns = new KeyedQueue(PATIENCE_MS)
  const identify = identifier(app)

  async function onCurrentMetadata<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    let tries = 0
    let refusal: unknown
    const refuse = (error: unknown) => {
      refusal = error
      throw error
    }
    return retryStale(
      async () => {
        if (tries++ > 0) {
          await identify(request, accessOf(app, request)).catch(refuse)
          await app.countRequest(request).catch(refuse)
        }
        return work()
      },
      (error) => error !== refusal && isOutdated(app, error, request.caller.tenant),
      () => takeTurn(app, turns, request.caller.tenant),
    ).catch((error) => {
      throw request.caller.id === null ? refusalOfVisitor(error) : error
    })
  }

  /** The handler, run again on current metadata when it was refused on old; a failed validation counts as such. */
  function guard(handler: RouteHandlerMethod): RouteHandlerMethod {
    return async function guarded(request, reply) {
      const handle = async () => {
        if (request.validationError) throw request.validationError
        return handler.call(this, request, reply)
      }
      return request.caller === null ? handle() : onCurrentMetadata(request, handle)
    }
  }

  const guards = new WeakSet<RouteHandlerMethod>()
  app.addHook('onRoute', (route: RouteOptions) => {
    const access = route.config?.access ?? 'public'
    // The HEAD route that Fastify makes of a GET route comes with the handler guarded already.
    if (access === 'public' || guards.has(route.handler)) return
    route.handler = guard(route.handler)
    route.attachValidation = true
    guards.add(route.handler)
  })
  app.decorateRequest('caller', null as unknown as Caller)
  app.decorate('onCurrentMetadata', onCurrentMetadata)
  app.addHook('onRequest', async (request, reply) => {
    const access = accessOf(app, request)
    if (access !== 'public') keepPrivate(request, reply, access)
    await identify(request, access)
  })
  app.addHook('onRequest', app.countRequest)
}

export default fp(auth, {
  name: 'auth',
  dependencies: ['errors', 'registry', 'access-tokens', 'request-quota'],
})
