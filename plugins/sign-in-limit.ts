// The count of failed sign-ins, per account and per address and over all processes, that slows down guessing.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { FailedAttempts } from '../lib/auth/failed-attempts.ts'
import { sharedFailures } from '../lib/auth/failure-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    failedSignIns: FailedAttempts
  }
}

async function signInLimit(app: FastifyInstance): Promise<void> {
  app.decorate(
    'failedSignIns',
    new FailedAttempts(
      app.clock.now,
      sharedFailures((tenant, text, values) => app.directory.callCounting(tenant, text, values)),
    ),
  )
}

export default fp(signInLimit, { name: 'sign-in-limit', dependencies: ['clock', 'db'] })
