// The real route table of a server, as tests that must cover all of it read it.
import type { FastifyInstance } from 'fastify'

const BRANCH = /^((?:│ {3}| {4})*)[├└]── (\S*) \(([A-Z, ]+)\)$/

/** Every route, from the router's own drawing of it: `GET /student/{id}`. */
export function routeTable(app: FastifyInstance): string[] {
  const parents: string[] = []
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [, indent, part, methods] = BRANCH.exec(line) ?? []
      if (indent === undefined || part === undefined || methods === undefined) throw new Error(line)
      parents.splice(indent.length / 4, Number.POSITIVE_INFINITY, part)
      const path = parents.join('')
      return methods.split(', ').map((method) => `${method} ${path.replace(/:(\w+)(\(\^\S*\$\))?/g, '{$1}')}`)
    })
}
