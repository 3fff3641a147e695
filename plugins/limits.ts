// Protection of the server as a whole: security headers, cross-origin rules, requests per address, and refusals while
// the event loop is too late to answer in time.

import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { errors } from '../lib/errors.ts'
import { EventLoopLag } from '../lib/process/event-loop-lag.ts'

export interface LimitsOptions {
  /** Requests a minute per client address; 0 is no limit. */
  rateLimit: number
  /** Origins that a browser may call from, exactly as it sends them; ['*']: any. */
  corsOrigin: string[]
  /** Whether browsers keep to HTTPS for subdomains, too. */
  hstsSubdomains: boolean
  /** Milliseconds that the event loop may be late before requests are refused. */
  maxEventLoopDelay?: number
}

const EXPOSED_HEADERS = ['Content-Range', 'ETag', 'Location', 'Link', 'Preference-Applied']

/** Whoever watches the server has to see that it is late. */
const ALWAYS_ANSWERED: ReadonlySet<string | undefined> = new Set(['/health/live', '/metrics'])

/** What protects answers that are data; headers for pages and for browsers long gone would only cost. */
const HEADERS = {
  contentSecurityPolicy: false,
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: false,
  originAgentCluster: false,
  dnsPrefetchControl: false,
  ieNoOpen: false,
  permittedCrossDomainPolicies: false,
  xssFilter: false,
} as const

const MAX_EVENT_LOOP_DELAY = 5000

/** Milliseconds between two looks at the event loop; for so long requests are refused at least. */
const LOOK_EVERY = 1000

async function limits(app: FastifyInstance, options: LimitsOptions): Promise<void> {
  await app.register(helmet, {
    ...HEADERS,
    strictTransportSecurity: { includeSubDomains: options.hstsSubdomains },
  })
  if (options.corsOrigin.length > 0) {
    app.addHook('onRequest', refuseBareOptions)
    await app.register(cors, {
      origin: options.corsOrigin.includes('*') ? '*' : options.corsOrigin,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: EXPOSED_HEADERS,
      maxAge: 600,
    })
  }
  if (options.rateLimit > 0) {
    await app.register(rateLimit, {
      // One hook for all, so that paths which nothing serves count too.
      global: false,
      max: options.rateLimit,
      timeWindow: '1 minute',
      errorResponseBuilder: (_request, { ttl }) => errors.tooManyRequests(Math.ceil(ttl / 1000)),
    })
    app.addHook('onRequest', app.rateLimit())
  }
  refuseWhileLate(app, options.maxEventLoopDelay ?? MAX_EVENT_LOOP_DELAY)
}

/** Refuses requests with 503 while the event loop is late; that the process lives is true all the same. */
function refuseWhileLate(app: FastifyInstance, most: number): void {
  const lag = new EventLoopLag(() => performance.now(), LOOK_EVERY)
  const timer = setInterval(() => lag.tick(), LOOK_EVERY).unref()
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('onRequest', (request, _reply, next) => {
    const isRefused = lag.milliseconds > most && !ALWAYS_ANSWERED.has(request.routeOptions.url)
    next(isRefused ? errors.unavailable() : undefined)
  })
}

/** What is no preflight is like any method that a path does not have; the plugin would answer it in plain text. */
async function refuseBareOptions(request: FastifyRequest): Promise<void> {
  const { method, headers, server } = request
  const preflight = headers.origin && headers['access-control-request-method']
  if (method === 'OPTIONS' && !preflight) server.refuseRoute(request)
}

export default fp(limits, { name: 'limits', dependencies: ['clock'] })
