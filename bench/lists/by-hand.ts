// What Univera is measured against: a server written by hand for these tables, as an expert would write it: a route with
// static JSON Schemas for each question, a token check, prepared statements, an ordinary pool of ten. A process of its own.

import jwt from '@fastify/jwt'
import postgres from '@fastify/postgres'
import Fastify from 'fastify'
import { type Operation, queryNames, slugOf, type Value, type Values } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { SAMPLE } from './pool.ts'
import { list, WRITTEN } from './shapes.ts'

const { DATABASE_URL = '', SECRET_KEY = '', PORT = '0' } = process.env

const app = Fastify({ logger: false })

await app.register(jwt, { secret: SECRET_KEY })

await app.register(postgres, { connectionString: DATABASE_URL, max: 10 })

app.addHook('onRequest', (request) => request.jwtVerify())

function typeOf(value: Value): object {
  if (Array.isArray(value)) return { type: 'array', items: { type: 'integer' } }
  return { type: typeof value === 'number' ? 'integer' : typeof value }
}

/** The schemas of a route: its values are of the types of those that are drawn. */
function schemaOf(operation: Operation, values: Values) {
  const { byHand, method, single } = operation
  const names = queryNames(operation, values)
  const properties = Object.fromEntries(names.map((name) => [name, typeOf(values[name] as Value)]))
  const querystring = { type: 'object', properties, required: names }
  const response = {
    [method === 'POST' ? 201 : 200]: single ? byHand.row : list(byHand.row),
  }
  return { querystring, response, ...(method && { body: WRITTEN }) }
}

async function countOf(text: string, name: string, values: Value[]): Promise<number> {
  const { rows } = await app.pg.query<{ count: number }>({ name: `${name}-count`, text, values })
  return rows[0]?.count ?? 0
}

for (const operation of OPERATIONS) {
  const { method = 'GET', single, byHand } = operation
  const url = slugOf(operation)
  const drawn = operation.draw(SAMPLE)
  const names = Object.keys(drawn)
  app.route<{ Querystring: Values; Body: Values }>({
    method,
    url,
    schema: schemaOf(operation, drawn),
    handler: async ({ query, body }, reply) => {
      const values = names.map((name) => query[name] ?? body?.[name] ?? null)
      const [{ rows }, total] = await Promise.all([
        app.pg.query({ name: url, text: byHand.sql, values }),
        byHand.count === undefined ? undefined : countOf(byHand.count, url, values),
      ])
      if (total !== undefined) reply.header('x-total-count', total)
      if (!single) return rows
      return reply.code(rows[0] === undefined ? 404 : method === 'POST' ? 201 : 200).send(rows[0])
    },
  })
}

await app.listen({ port: Number(PORT), host: '127.0.0.1' })

process.send?.({ token: app.jwt.sign({ sub: 'bench' }) })
