// Protection of the server as a whole: security headers, cross-origin rules, requests per address, and saying
// "not now" before the event loop drowns.

import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { errors } from '../lib/errors.ts'

export interface LimitsOptions {
  /** Requests a minute per client address; 0 is no limit. */
  rateLimit: number
  /** Origins that a browser may call from, exactly as it sends them. */
  corsOrigin: string[]
}

const EXPOSED_HEADERS = ['Content-Range', 'ETag', 'Location', 'Link', 'Preference-Applied']

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

/** Milliseconds that the event loop may lag before requests are refused. */
const MAX_EVENT_LOOP_DELAY = 5000

async function limits(app: FastifyInstance, options: LimitsOptions): Promise<void> {
  await app.register(helmet, HEADERS)
  if (options.corsOrigin.length > 0) {
    app.addHook('onRequest', refuseBareOptions)
    await app.register(cors, {
      origin: options.corsOrigin,
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
  await app.register(underPressure, { maxEventLoopDelay: MAX_EVENT_LOOP_DELAY, customError: Overloaded })
}

/** What is no preflight is like any method that a path does not have; the plugin would answer it in plain text. */
async function refuseBareOptions(request: FastifyRequest): Promise<void> {
  const { method, headers, server } = request
  const preflight = headers.origin && headers['access-control-request-method']
  if (method === 'OPTIONS' && !preflight) server.refuseRoute(request)
}

class Overloaded extends Error {
  readonly statusCode = 503
}

export default fp(limits, { name: 'limits' })
