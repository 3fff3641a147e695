// Reading JSON bodies without losing or changing a value. What is read is validated later, by the route.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { decodeBody, parseJsonBody } from '../lib/schema/json-body.ts'

async function body(app: FastifyInstance): Promise<void> {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser<Buffer>(
    ['application/json', 'application/vnd.pgrst.object+json'],
    { parseAs: 'buffer' },
    async (_request: unknown, bytes: Buffer) =>
      bytes.length === 0 ? undefined : parseJsonBody(decodeBody(bytes)),
  )
}

export default fp(body, { name: 'body' })
