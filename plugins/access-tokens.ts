// Access tokens: JSON Web Tokens (RFC 7519) signed with HS256 and no other algorithm. The claims of a verified token are
// remembered by its text until it expires, so that a busy client costs one signature.

import jwt from '@fastify/jwt'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { type Claims, isCanonical, toClaims } from '../lib/auth/claims.ts'
import type { Session } from '../lib/auth/session-store.ts'

export interface AccessTokenOptions {
  secret: string
  /** Accepted for verifying as well. */
  previousSecret?: string | undefined
  /** Seconds until an access token expires. */
  ttl: number
}

/** The answer to a sign-in (RFC 6749, 5.1). */
export interface Tokens {
  access_token: string
  token_type: 'bearer'
  expires_in: number
  refresh_token: string
}

declare module 'fastify' {
  interface FastifyInstance {
    accessTokens: ReturnType<typeof createAccessTokens>
  }
}

const VERIFIED_TOKENS = 10_000

function createAccessTokens(app: FastifyInstance, { ttl, previousSecret }: AccessTokenOptions) {
  const verified = new LRUCache<string, Claims>({ max: VERIFIED_TOKENS })

  /** RFC 7519, 4.1.4: not on the second itself either. */
  const isOver = ({ exp }: Claims) => exp * 1000 <= app.clock.now()

  function verify(token: string): Claims | null {
    if (!isCanonical(token)) return null
    const current = verifyWith(token)
    return current === null && previousSecret !== undefined ? verifyWith(token, previousSecret) : current
  }

  function verifyWith(token: string, key?: string): Claims | null {
    try {
      return toClaims(app.jwt.verify(token, key === undefined ? {} : { key }))
    } catch {
      return null
    }
  }

  return {
    /** The tokens for the owner of a session. */
    issue({ accountId, tenantId, id, refreshToken }: Session): Tokens {
      const iat = Math.floor(app.clock.now() / 1000)
      const access = app.jwt.sign({ sub: accountId, tid: tenantId, sid: id, iat })
      return { access_token: access, token_type: 'bearer', expires_in: ttl, refresh_token: refreshToken }
    },

    /** Whether a token was ours and has expired. */
    hasExpired(token: string): boolean {
      const claims = verified.get(token) ?? verify(token)
      return claims !== null && isOver(claims)
    },

    /** The claims of a token; null when it is not ours, was altered or has expired. */
    claimsOf(token: string): Claims | null {
      const known = verified.get(token)
      const claims = known ?? verify(token)
      if (claims === null || isOver(claims)) return null
      if (known === undefined) verified.set(token, claims)
      return claims
    },
  }
}

async function accessTokens(app: FastifyInstance, options: AccessTokenOptions): Promise<void> {
  const { secret, ttl } = options
  await app.register(jwt, {
    secret,
    sign: { algorithm: 'HS256', expiresIn: `${ttl}s` },
    // Whether it has expired is asked at each use, of a token that was verified before as well.
    verify: { algorithms: ['HS256'], ignoreExpiration: true },
  })
  app.decorate('accessTokens', createAccessTokens(app, options))
}

export default fp(accessTokens, { name: 'access-tokens', dependencies: ['clock'] })
