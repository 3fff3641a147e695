// Authenticates the caller and checks the route's access in onRequest, before the body is read; refuses with 401 or 403.
// A signed address admits its signer. A caller without a token is admitted as `anonymous` where a route takes visitors and their tenant has opened something.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Access } from '../lib/access/roles.ts'
import { admit, type Bearer, bearerToken } from '../lib/auth/admission.ts'
import { KEY_PREFIX, parseApiKey } from '../lib/auth/api-key-store.ts'
import type { Caller, SignedIn } from '../lib/auth/caller.ts'
import { KeyUse } from '../lib/auth/key-use-store.ts'
import { AnonymousAccess, type AnonymousRequest } from '../lib/auth/visitors.ts'
import { errors } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Sets `request.caller` by the metadata of now; errors.unauthenticated, errors.forbidden. */
    authenticate: (request: FastifyRequest) => Promise<void>
  }
  interface FastifyRequest {
    /** Null on `public` routes, and on `anyone` routes when no token came; elsewhere see `callerOf`. */
    caller: Caller | null
    /** Of a request that no route takes, by its token; null: it has none that holds. */
    sender: SignedIn | null
  }
  interface FastifyContextConfig {
    access?: Access
  }
}

/** The access that the route declares; one that declares none is for operators: forgetting to declare opens nothing. */
function accessOf(request: FastifyRequest): Access {
  if (request.method === 'OPTIONS') return 'public'
  return request.routeOptions.config.access ?? 'operator'
}

/** What an Authorization header shows; null when that is nothing valid. errors.unauthenticated when it has expired. */
function bearerOf({ accessTokens }: FastifyInstance, header: string | undefined): Bearer | null {
  const token = bearerToken(header)
  if (token === null) return null
  if (token.startsWith(KEY_PREFIX)) return parseApiKey(token)
  const claims = accessTokens.claimsOf(token)
  if (claims === null && accessTokens.hasExpired(token))
    throw errors.unauthenticated('The access token has expired; get another one with the refresh token.')
  return claims
}

/** What a caller without a token asks to be admitted to. */
function anonymousRequestOf({ headers, params }: FastifyRequest): AnonymousRequest {
  const { entity } = (params ?? {}) as { entity?: string }
  return { tenant: headers['x-tenant']?.toString(), entity }
}

/** Lets only the caller's own cache keep the answer, and use it only as long as its entity tag is the present one. */
function keepPrivate({ headers }: FastifyRequest, reply: FastifyReply, access: Access): void {
  const byTenant = access === 'visitor' && headers.authorization === undefined
  const vary = byTenant ? 'Authorization, X-Tenant' : 'Authorization'
  const others = reply.getHeader('vary')
  reply.header('vary', others === undefined ? vary : `${others}, ${vary}`)
  reply.header('cache-control', 'private, no-cache')
}

async function auth(app: FastifyInstance): Promise<void> {
  const keyUse = new KeyUse(app.db)
  const visitors = new AnonymousAccess(app)

  async function authenticate(request: FastifyRequest, access: Access): Promise<void> {
    const { authorization } = request.headers
    if (request.routeOptions.config.signed) {
      request.caller = await app.admitSigner(request)
      if (request.caller !== null) return
    }
    if (access === 'public' || (access === 'anyone' && authorization === undefined)) return
    if (access === 'visitor' && authorization === undefined) {
      request.caller = await visitors.admit(anonymousRequestOf(request))
      return
    }
    const caller = await admit(app, bearerOf(app, authorization), access)
    if (caller.session === null) keyUse.note(caller)
    request.caller = caller
  }

  /** Who asks for what no route takes: for the log, whatever becomes of the token. */
  async function recognize(request: FastifyRequest): Promise<void> {
    const { authorization } = request.headers
    if (authorization === undefined) return
    request.sender = await admit(app, bearerOf(app, authorization), 'anyone').catch(() => null)
  }

  app.decorateRequest('caller', null)
  app.decorateRequest('sender', null)
  app.decorate('authenticate', (request) => authenticate(request, accessOf(request)))
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return recognize(request)
    if (app.isReserved(request)) {
      await recognize(request)
      app.refuseRoute(request)
    }
    const access = accessOf(request)
    if (access !== 'public') keepPrivate(request, reply, access)
    await authenticate(request, access)
  })
}

export default fp(auth, {
  name: 'auth',
  dependencies: ['errors', 'registry', 'access-tokens', 'file-signatures'],
})
