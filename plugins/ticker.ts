// Makes ticks while anything is logged, if no other process does.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { forgetForeignTicks } from '../lib/log/tick-store.ts'
import { tickWhileLogged } from '../lib/log/ticker-store.ts'

/** Milliseconds after which a process that stands by looks again whether it is wanted. */
const STAND_BY = 5_000

async function ticker(app: FastifyInstance): Promise<void> {
  const { directory } = app
  const loop = new BackgroundLoop({
    every: STAND_BY,
    onError: (error) => app.log.warn({ err: error }, 'changes of records cannot be told of for the moment'),
    round: () =>
      tickWhileLogged({
        directory,
        connect: () => app.connectAlone(),
        pause: (ms) => loop.pause(ms),
        isOver: () => loop.isStopping,
      }),
  })
  // Before the first tick of this process and before any cursor is given out.
  app.addHook('onReady', () => forgetForeignTicks(directory))
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', () => loop.stop())
}

export default fp(ticker, { name: 'ticker', dependencies: ['db'] })
