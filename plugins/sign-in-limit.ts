// The count of failed sign-ins, per account and per address, that slows down guessing.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { FailedAttempts } from '../lib/auth/failed-attempts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    failedSignIns: FailedAttempts
  }
}

async function signInLimit(app: FastifyInstance): Promise<void> {
  app.decorate('failedSignIns', new FailedAttempts())
}

export default fp(signInLimit, { name: 'sign-in-limit' })
