// Guards memory against clients that do not read: long answers are sent in chunks and wait within a budget of bytes, 503
// beyond it; a connection on which nothing moves is cut.
import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { TenantBudget } from '../lib/concurrency/tenant-budget.ts'
import { type ProgressRule, ProgressWatch } from '../lib/http/progress-watch.ts'
import { streamText } from '../lib/http/text-chunks.ts'

export interface SlowReadersOptions {
  /** Milliseconds between two looks at the answers under way. */
  sweep?: number
  /** What each has to move. */
  sending?: ProgressRule
  /** Bytes of long answers that may wait for their readers: in all, and those of one tenant. */
  waiting?: { all: number; tenant: number }
}

const SWEEP = 5000
/** Anything at all. */
const SENDING = { window: 30_000, least: 1 }
const MEBIBYTE = 2 ** 20
const WAITING = { all: 192 * MEBIBYTE, tenant: 96 * MEBIBYTE }
/** Characters from which on an answer is long. */
const LONG = 2 ** 18
/** The key of callers who belong to no tenant. */
const NO_TENANT = ''

/** Bytes that a connection has passed on; each chunk counts once the one before has left. Null: nothing waits for the client. */
function sentBy({ raw }: FastifyReply): number | null {
  const waiting = raw.writableLength + (raw.socket?.writableLength ?? 0)
  return waiting === 0 ? null : (raw.socket?.bytesWritten ?? 0)
}

const isStream = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'pipe' in payload

async function slowReaders(app: FastifyInstance, options: SlowReadersOptions): Promise<void> {
  const answers = new ProgressWatch(sentBy, options.sending ?? SENDING)
  const budget = new TenantBudget({ ...(options.waiting ?? WAITING), least: 1 })

  function watch(reply: FastifyReply, release = () => {}): void {
    const { socket } = reply.request.raw
    const end = () => {
      reply.raw.off('close', end)
      socket.off('close', end)
      answers.delete(reply)
      release()
    }
    answers.add(reply)
    reply.raw.once('close', end)
    // An answer that waits behind others on its connection does not hear of the connection's end.
    socket.once('close', end)
  }

  function sweep(): void {
    for (const reply of answers.stalled()) {
      app.log.info({ reqId: reply.request.id }, 'cut a connection whose client does not read')
      reply.raw.destroy()
    }
  }

  /** Sends a long text within the budget; errors.unavailable beyond it. */
  function sendLong(text: string, tenantId: string, reply: FastifyReply) {
    const size = Buffer.byteLength(text)
    watch(reply, budget.take(tenantId, size))
    reply.header('content-length', size)
    return streamText(text)
  }

  const timer = setInterval(sweep, options.sweep ?? SWEEP).unref()
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('onSend', async ({ caller }, reply, payload) => {
    if (typeof payload === 'string' && payload.length >= LONG)
      return sendLong(payload, caller?.tenant.id ?? NO_TENANT, reply)
    if (isStream(payload)) watch(reply)
    return payload
  })
}

export default fp(slowReaders, { name: 'slow-readers' })
