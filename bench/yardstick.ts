// What Univera is measured against: a server written by hand for one table with typed columns, as an expert would
// write it: static JSON Schemas, a token check, prepared statements, an ordinary pool of ten.

import jwt from '@fastify/jwt'
import postgres from '@fastify/postgres'
import Fastify from 'fastify'

const { DATABASE_URL = '', SECRET_KEY = '', PORT = '0' } = process.env

const fields = {
  name: { type: ['string', 'null'] },
  age: { type: ['integer', 'null'] },
  email: { type: ['string', 'null'], format: 'email' },
}

const student = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    ...fields,
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time' },
  },
}

const params = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } }

const page = {
  type: 'object',
  properties: { limit: { type: 'integer', default: 20 }, min: { type: 'integer' } },
}

const body = { type: 'object', properties: fields, additionalProperties: false }

const COLUMNS = 'id, name, age, email, created_at, updated_at'

interface Student {
  id: string
  name: string | null
  age: number | null
  email: string | null
}

const app = Fastify({ logger: false })

await app.register(jwt, { secret: SECRET_KEY })

await app.register(postgres, { connectionString: DATABASE_URL, max: 10 })

app.addHook('onRequest', (request) => request.jwtVerify())

app.get<{ Params: { id: string } }>(
  '/students/:id',
  { schema: { params, response: { 200: student } } },
  async (request, reply) => {
    const text = `select ${COLUMNS} from students where id = $1`
    const { rows } = await app.pg.query<Student>({ name: 'get', text, values: [request.params.id] })
    return rows[0] ?? reply.code(404).send()
  },
)

app.get<{ Querystring: { limit: number; min?: number } }>(
  '/students',
  { schema: { querystring: page, response: { 200: { type: 'array', items: student } } } },
  async ({ query: { limit, min } }) => {
    const filtered = `select ${COLUMNS} from students where age > $2 order by name limit $1`
    const query =
      min === undefined
        ? { name: 'list', text: `select ${COLUMNS} from students order by id limit $1`, values: [limit] }
        : { name: 'filter', text: filtered, values: [limit, min] }
    return (await app.pg.query<Student>(query)).rows
  },
)

app.post<{ Body: Student }>(
  '/students',
  { schema: { body, response: { 201: student } } },
  async (request, reply) => {
    const { name, age, email } = request.body
    const text = `insert into students (name, age, email) values ($1, $2, $3) returning ${COLUMNS}`
    const { rows } = await app.pg.query<Student>({ name: 'create', text, values: [name, age, email] })
    return reply.code(201).send(rows[0])
  },
)

app.patch<{ Params: { id: string }; Body: { age: number } }>(
  '/students/:id',
  { schema: { params, body, response: { 200: student } } },
  async (request, reply) => {
    const text = `update students set age = $2, updated_at = now() where id = $1 returning ${COLUMNS}`
    const values = [request.params.id, request.body.age]
    const { rows } = await app.pg.query<Student>({ name: 'patch', text, values })
    return rows[0] ?? reply.code(404).send()
  },
)

await app.listen({ port: Number(PORT), host: '127.0.0.1' })

process.send?.({ token: app.jwt.sign({ sub: 'bench' }) })
