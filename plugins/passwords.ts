// Hashing and checking passwords, for the whole process behind one queue.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createPasswords, type PasswordCost, type Passwords } from '../lib/auth/password.ts'

declare module 'fastify' {
  interface FastifyInstance {
    passwords: Passwords
  }
}

async function passwords(app: FastifyInstance, { cost }: { cost?: PasswordCost | undefined }): Promise<void> {
  app.decorate('passwords', createPasswords(cost))
}

export default fp(passwords, { name: 'passwords' })
