// What Univera is measured against as data grows: a server written by hand for things of one kind, in one table, each of
// an owner whom the token names. Run as a process of its own.

import jwt from '@fastify/jwt'
import postgres from '@fastify/postgres'
import Fastify from 'fastify'

const { DATABASE_URL = '', SECRET_KEY = '', PORT = '0' } = process.env

const fields = {
  name: { type: ['string', 'null'], maxLength: 100 },
  age: { type: ['integer', 'null'], minimum: 0, maximum: 1000 },
  email: { type: ['string', 'null'], format: 'email' },
  city: { type: ['string', 'null'] },
  active: { type: ['boolean', 'null'] },
  code: { type: ['string', 'null'] },
}

const thing = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    ...fields,
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time' },
  },
}

const params = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } }

const page = { type: 'object', properties: { limit: { type: 'integer', default: 20 } } }

const body = { type: 'object', properties: fields, additionalProperties: false }

const COLUMNS = 'id, name, age, email, city, active, code, created_at, updated_at'

interface Thing {
  name: string | null
  age: number | null
  email: string | null
  city: string | null
  active: boolean | null
  code: string | null
}

const app = Fastify({ logger: false })

await app.register(jwt, { secret: SECRET_KEY })

await app.register(postgres, { connectionString: DATABASE_URL, max: 10 })

app.addHook('onRequest', (request) => request.jwtVerify())

const ownerOf = ({ user }: { user: unknown }) => (user as { owner: string }).owner

app.get<{ Params: { id: string } }>(
  '/things/:id',
  { schema: { params, response: { 200: thing } } },
  async (request, reply) => {
    const text = `select ${COLUMNS} from things where owner = $1 and id = $2`
    const values = [ownerOf(request), request.params.id]
    const { rows } = await app.pg.query<Thing>({ name: 'get', text, values })
    return rows[0] ?? reply.code(404).send()
  },
)

app.get<{ Querystring: { limit: number } }>(
  '/things/',
  { schema: { querystring: page, response: { 200: { type: 'array', items: thing } } } },
  async (request) => {
    const text = `select ${COLUMNS} from things where owner = $1 order by id limit $2`
    const values = [ownerOf(request), request.query.limit]
    return (await app.pg.query<Thing>({ name: 'list', text, values })).rows
  },
)

app.post<{ Body: Thing }>(
  '/things/',
  { schema: { body, response: { 201: thing } } },
  async (request, reply) => {
    const { name, age, email, city, active = true, code } = request.body
    const text = `insert into things (owner, name, age, email, city, active, code)
      values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`
    const values = [ownerOf(request), name, age, email, city, active, code]
    const { rows } = await app.pg.query<Thing>({ name: 'create', text, values })
    return reply.code(201).send(rows[0])
  },
)

await app.listen({ port: Number(PORT), host: '127.0.0.1' })

process.send?.('listening')
