// A real PostgreSQL for the tests of this folder: records of sample entities, and statements run as the server runs
// them: inside the tenant, under the role that row-level security binds.
import pg from 'pg'
import type { Test } from 'tap'
import type { Statement, TextRow } from '../../../lib/db/statement.ts'
import { derive } from '../../../lib/entities/derived-columns.ts'
import type { Entity } from '../../../lib/entities/entity.ts'
import { createdAtOf, firstIdAt } from '../../../lib/entities/record-id.ts'
import { parseQuery } from '../../../lib/query/parse/parse-query.ts'
import type { PlanContext } from '../../../lib/query/plan/context.ts'
import { planList } from '../../../lib/query/plan/plan-list.ts'
import { listSql } from '../../../lib/query/sql/list.ts'
import { type Page, toPage } from '../../../lib/query/sql/page.ts'
import { createTestDatabase } from '../test-database.ts'
import { tenantId } from './sample.ts'

export interface StoredRow {
  id: string
  data: Record<string, unknown>
  created_by?: string | null
}

/** An id that sorts by its number, or first by the time of its record's creation. */
export const idOf = (n: number, createdAt = '2026-01-01T00:00:00Z') =>
  `${firstIdAt(Date.parse(createdAt)).slice(0, 13)}-7000-8000-${n.toString(16).padStart(12, '0')}`

export class QueryDatabase {
  readonly client: pg.Client
  readonly role: string

  constructor(client: pg.Client, role: string) {
    this.client = client
    this.role = role
  }

  /** Runs a statement inside the tenant; rows are arrays of text. */
  async run({ text, values }: Statement): Promise<TextRow[]> {
    await this.client.query(`begin; set local role ${this.role}; set local app.tenant_id = '${tenantId}'`)
    try {
      const types = { getTypeParser: () => (value: string) => value }
      const query = { text, values: [...values], rowMode: 'array', types }
      return (await this.client.query(query as pg.QueryArrayConfig)).rows
    } finally {
      await this.client.query('rollback')
    }
  }

  /** The page that a query string gives. */
  async page(search: string, context: PlanContext): Promise<Page> {
    const plan = planList(parseQuery(search), context)
    return toPage(plan, await this.run(listSql(plan)))
  }

  /** The records that a query string gives. */
  async list<T = Record<string, unknown>>(search: string, context: PlanContext): Promise<T[]> {
    const { records } = await this.page(search, context)
    return records.map((record) => JSON.parse(record) as T)
  }

  /** Stores records as they are; keys and slots are made by their types, links by their relation fields. */
  async store(entity: Entity, rows: readonly StoredRow[], related: readonly Entity[] = []): Promise<void> {
    const stored = rows.map(({ id, data, created_by }) => {
      const set = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null))
      return { id, data: set, created_at: createdAtOf(id), created_by, ...keysOf(entity, set) }
    })
    const slots = Array.from({ length: 12 }, (_, at) => `k${at + 1}`)
    await this.client.query(
      `insert into record (tenant_id, entity_id, id, data, keys, created_at, updated_at, created_by, ${slots})
       select $1, $2, r.id, r.data, r.keys, r.created_at, '2026-01-02Z', r.created_by,
         ${slots.map((slot) => `r.${slot}`)}
       from jsonb_to_recordset($3::jsonb) as r(id uuid, data jsonb, keys jsonb, created_at timestamptz,
         created_by uuid, ${slots.map((slot) => `${slot} text`)})`,
      [tenantId, entity.id, JSON.stringify(stored)],
    )
    await this.#link(entity, rows, related)
  }

  async #link(entity: Entity, rows: readonly StoredRow[], related: readonly Entity[]): Promise<void> {
    for (const field of entity.fields) {
      const target = related.find(({ name }) => name === field.entity)
      for (const { id, data } of target === undefined ? [] : rows) {
        const ids = [data[field.key] ?? []].flat()
        await this.client.query(
          `insert into link (tenant_id, from_entity, from_id, field, to_entity, to_id)
           select $1, $2, $3, $4, $5, unnest($6::uuid[])`,
          [tenantId, entity.id, id, field.key, target?.id, ids],
        )
      }
    }
  }
}

/** Opens a new database with the tables of a server and one tenant, dropped when the test ends. */
export async function openDatabase(t: Test): Promise<QueryDatabase> {
  const { url, role } = await createTestDatabase(t)
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('insert into tenant (id, name) values ($1, $2)', [tenantId, 'default'])
  return new QueryDatabase(client, String(role))
}

function keysOf(entity: Entity, data: Record<string, unknown>) {
  const { keys, slots } = derive(entity, data)
  return { keys, ...slots }
}
