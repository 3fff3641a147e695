// Hashing and checking passwords, for the whole process behind one queue.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createPasswords, type Passwords } from '../lib/auth/password.ts'

declare module 'fastify' {
  interface FastifyInstance {
    passwords: Passwords
  }
}

async function passwords(app: FastifyInstance): Promise<void> {
  app.decorate('passwords', createPasswords())
}

export default fp(passwords, { name: 'passwords' })
