// Leaves the bodies of a group of routes to the grammar of definitions, which reports every violation at once.
import type { FastifyInstance } from 'fastify'

/** For the routes that are added after it, within one plugin. */
export function takeBodiesAsSent(app: FastifyInstance): void {
  const compile = app.validatorCompiler
  app.setValidatorCompiler((part) =>
    part.httpPart === 'body' || compile === undefined ? () => true : compile(part),
  )
}
