// Adds a table of routes to a server: each row declares the access and names the handler.
import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RouteOptions,
} from 'fastify'
import type { Access } from '../lib/access/roles.ts'

/** A row of a table of routes: Fastify's options, with the access that the route requires beside method and url. */
export interface Route extends Omit<RouteOptions, 'config' | 'handler'> {
  access: Access
  /** Whether addresses that were signed are admitted without a token. */
  signed?: boolean
  /** What else the handlers and hooks of the route find in its configuration. */
  config?: Omit<FastifyContextConfig, 'access' | 'signed'>
  // A method's parameters are bivariant, so a handler may declare the params and the body that its schema guarantees.
  handler(request: FastifyRequest, reply: FastifyReply): Promise<unknown>
}

/** Adds every route of the table. */
export function defineRoutes(app: FastifyInstance, routes: readonly Route[]): void {
  for (const { access, signed = false, config, handler, ...options } of routes)
    app.route({ ...options, config: { ...config, access, signed }, handler })
}
