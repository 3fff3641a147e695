// Reading JSON bodies without losing or changing a value. What is read is validated later, by the route.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { parseJsonBody } from '../lib/schema/json-body.ts'

async function body(app: FastifyInstance): Promise<void> {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser<string>(
    ['application/json', 'application/vnd.pgrst.object+json'],
    { parseAs: 'string' },
    async (_request: unknown, text: string) => (text === '' ? undefined : parseJsonBody(text)),
  )
}

export default fp(body, { name: 'body' })
