// Sessions: opened with a password, renewed with a refresh token, ended by either token. Opening and renewing give a pair of
// tokens.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Credentials } from '../lib/auth/account-store.ts'
import type { Caller } from '../lib/auth/caller.ts'
import type { AuthContext, Visit } from '../lib/auth/context.ts'
import { confirmPassword, replacePassword } from '../lib/auth/own-password-store.ts'
import { refresh, revokeClaims, revokeRefreshToken } from '../lib/auth/session-tokens-store.ts'
import { type PasswordGrant, signIn } from '../lib/auth/sign-in-store.ts'

export interface SessionOptions {
  /** Seconds until a refresh token expires. */
  refreshTtl: number
}

declare module 'fastify' {
  interface FastifyInstance {
    sessions: ReturnType<typeof createSessions>
  }
}

function createSessions(app: FastifyInstance, refreshTtl: number) {
  const { db, directory, passwords, failedSignIns, accessTokens } = app
  const context: AuthContext = { db, directory, passwords, failedSignIns, refreshTtl }
  return {
    signIn: async (grant: PasswordGrant, visit: Visit) =>
      accessTokens.issue(await signIn({ ...context, visit }, grant).catch(inTenantOf(visit))),
    refresh: async (token: string, address: string, visit: Visit) =>
      accessTokens.issue(await refresh({ ...context, visit }, token, address).catch(inTenantOf(visit))),
    async revoke(token: string, address: string): Promise<void> {
      const claims = accessTokens.claimsOf(token)
      await (claims === null
        ? revokeRefreshToken(context, token, address)
        : revokeClaims(context, claims, address))
    },
    confirmPassword: (caller: Caller, password: string, address: string) =>
      confirmPassword(context, caller, password, address),
    replacePassword: async (caller: Caller, account: Credentials, passwordHash: string) =>
      accessTokens.issue(await replacePassword(context, caller, account, passwordHash)),
  }
}

/** For a catch: the refusal with its tenant, for the log. */
function inTenantOf(visit: Visit): (error: unknown) => never {
  return (error) => {
    const { tenant } = visit
    throw tenant === undefined ? error : Object.assign(error as Error, { caller: { id: null, tenant } })
  }
}

async function sessions(app: FastifyInstance, { refreshTtl }: SessionOptions): Promise<void> {
  app.decorate('sessions', createSessions(app, refreshTtl))
}

export default fp(sessions, {
  name: 'sessions',
  dependencies: ['db', 'passwords', 'sign-in-limit', 'access-tokens'],
})
