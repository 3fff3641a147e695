// Requests of so many clients to one server, each made when the one before it is answered.

import autocannon from 'autocannon'
import type { Contestant } from './servers.ts'

export interface Request {
  path: string
  method?: 'GET' | 'POST' | 'PATCH'
  headers?: Record<string, string>
  /** As JSON. */
  body?: object
}

/** How many clients send how many requests together. */
export interface Load {
  connections: number
  amount: number
}

export interface Answered {
  /** Milliseconds of each request. */
  latencies: number[]
  /** Seconds of them all. */
  seconds: number
}

/** Milliseconds: it looks so often whether all was answered. */
const LOOK_EVERY = 20

/** Seconds that an answer may take. */
const PATIENCE = 60

function toSend({ body, headers, ...request }: Request, token: string): autocannon.Request {
  const authorized = { ...headers, authorization: `Bearer ${token}` }
  if (body === undefined) return { ...request, headers: authorized }
  const typed = { ...authorized, 'content-type': 'application/json' }
  return { ...request, headers: typed, body: JSON.stringify(body) }
}

/** Throws unless every request succeeds. */
export async function load(
  who: Contestant,
  next: () => Request,
  { connections, amount }: Load,
): Promise<Answered> {
  const latencies: number[] = []
  const began = performance.now()
  let end = began
  const setupRequest = (given: autocannon.Request) => ({ ...given, ...toSend(next(), who.token) })
  const options = { url: who.url, connections, amount, sampleInt: LOOK_EVERY, timeout: PATIENCE }
  const { errors, non2xx } = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon({ ...options, requests: [{ setupRequest }] }, (error, result) =>
      error ? reject(error) : resolve(result),
    )
    running.on('response', (_client, _status, _bytes, milliseconds) => {
      latencies.push(milliseconds)
      end = performance.now()
    })
  })
  if (errors + non2xx > 0)
    throw new Error(`${who.name} ${next().path}: ${errors} errors, ${non2xx} of ${amount} refused`)
  return { latencies, seconds: (end - began) / 1000 }
}
