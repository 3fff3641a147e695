// The clock that whatever expires in this process goes by.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Clock } from '../lib/process/clock.ts'

export interface ClockOptions {
  clock: Clock
}

declare module 'fastify' {
  interface FastifyInstance {
    clock: Clock
  }
}

async function clockPlugin(app: FastifyInstance, { clock }: ClockOptions): Promise<void> {
  app.decorate('clock', clock)
}

export default fp(clockPlugin, { name: 'clock' })
