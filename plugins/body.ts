// Reading JSON bodies without losing or changing a value; any other type is refused unless a route adds it. What is read
// is validated later, by the route.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { requirePlain } from '../lib/http/content-encoding.ts'
import { decodeBody, parseJsonBody } from '../lib/http/json-body.ts'

/** The parser: a body that is empty, as many clients send it with DELETE, is none. */
async function parse(request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  requirePlain(request.headers)
  return bytes.length === 0 ? undefined : parseJsonBody(decodeBody(bytes))
}

async function body(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  const types = ['application/json', 'application/vnd.pgrst.object+json']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, parse)
}

export default fp(body, { name: 'body' })
