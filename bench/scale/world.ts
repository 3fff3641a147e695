// The data of one size: tenants with a signed-in admin each, entities no two of which have one definition, and records,
// all of them as the server itself would have written them, only faster: through its own parser and encoders.

import jwt from '@fastify/jwt'
import Fastify from 'fastify'
import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import type { Entity } from '../../lib/entities/entity.ts'
import { createdAtOf, newRecordId } from '../../lib/entities/record-id.ts'
import { recordFromBody, withoutNulls } from '../../lib/records/stored-data.ts'
import { columnsOf } from '../../lib/records/write/column-changes.ts'
import { createEntityDefinition } from '../../lib/schema/change/revise.ts'
import { parseDefinition } from '../../lib/schema/definition/parse-definition.ts'

export interface WorldSize {
  entities: number
  entitiesPerTenant: number
  recordsPerEntity: number
  /** Records of one more entity, which is the first tenant's. */
  large: number
}

/** An entity as a client knows it. */
export interface Place {
  token: string
  name: string
  ids: string[]
}

const BATCH = 5000

export const LARGE = 'large'

/** Whether every entity has a field that no other has; otherwise all of them are read by the same plans. */
export const OWN_FIELDS = process.env.SCALE_FIELDS === 'own'

/** A definition of its own for each entity: what may be written differs, and what is read when each has own fields. */
export const definitionOf = (n: number, name = `thing_${n}`) => ({
  entity_name: name,
  description: `The things of kind ${n}`,
  fields: [
    { name: 'name', type: 'string', max_length: 100 + n, indexed: true },
    { name: 'age', type: 'integer', min: 0, max: 1000 + n, indexed: true },
    { name: 'email', type: 'email' },
    { name: 'city', type: 'string' },
    { name: 'active', type: 'boolean', default: true },
    { name: 'code', type: 'string', unique: true },
    ...(OWN_FIELDS ? [{ name: `own_${n}`, type: 'string' }] : []),
  ],
})

/** The body of the n-th record. */
export const recordOf = (n: number, code = `c-${n}`) => ({
  name: `name ${(n * 7919) % 1_000_003}`,
  age: n % 100,
  email: `someone${n}@example.com`,
  city: ['Bonn', 'Köln', 'Århus', 'Łódź'][n % 4],
  code,
})

function* batches(count: number): Generator<number[]> {
  for (let from = 0; from < count; from += BATCH)
    yield Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => from + i)
}

/** Fills an empty, migrated database. */
export async function seedWorld(db: pg.Client, size: WorldSize): Promise<void> {
  const tenants = await seedTenants(db, Math.ceil(size.entities / size.entitiesPerTenant))
  const entities: Entity[] = []
  for (const numbers of batches(size.entities)) {
    const owners = numbers.map((n) => tenants[Math.floor(n / size.entitiesPerTenant)] as string)
    entities.push(
      ...(await seedEntities(
        db,
        owners,
        numbers.map((n) => definitionOf(n)),
      )),
    )
  }
  const [large] = await seedEntities(db, [tenants[0] as string], [definitionOf(size.entities, LARGE)])
  // Round by round, as records come in: those of one entity do not lie side by side.
  for (let round = 0; round < size.recordsPerEntity; round++)
    for (const numbers of batches(size.entities))
      await seedRecords(
        db,
        numbers.map((n) => ({ entity: entities[n] as Entity, n: round })),
      )
  for (const numbers of batches(size.large))
    await seedRecords(
      db,
      numbers.map((n) => ({ entity: large as Entity, n })),
    )
  await db.query('vacuum (analyze)')
}

async function seedTenants(db: pg.Client, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuid())
  const names = ids.map((_, n) => `tenant-${n}`)
  await db.query('insert into tenant (id, name) select * from unnest($1::uuid[], $2::text[])', [ids, names])
  await db.query(
    `insert into account (tenant_id, id, username, role, password_hash)
      select id, id, 'admin', 'admin', 'none' from tenant where id = any($1)`,
    [ids],
  )
  await db.query(
    `insert into refresh_token (tenant_id, id, family, account_id, token_hash, expires_at)
      select id, id, id, id, '', now() + interval '1 year' from tenant where id = any($1)`,
    [ids],
  )
  return ids
}

type Definition = ReturnType<typeof definitionOf>

async function seedEntities(db: pg.Client, tenants: string[], bodies: Definition[]): Promise<Entity[]> {
  const definitions = bodies.map((body) =>
    createEntityDefinition(parseDefinition(body, { segments: new Set() })),
  )
  const names = bodies.map((body) => body.entity_name)
  const { rows } = await db.query<{ id: number; name: string }>(
    `insert into entity (tenant_id, name, definition) select * from unnest($1::uuid[], $2::text[], $3::jsonb[])
      returning id::float8 as id, name`,
    [tenants, names, definitions.map((definition) => JSON.stringify(definition))],
  )
  const ids = new Map(rows.map(({ id, name }) => [name, id]))
  return definitions.map((definition, at) => {
    const name = names[at] as string
    const own = { tenantId: tenants[at] as string, id: ids.get(name) as number, name }
    return { ...definition, ...own, version: 1, createdAt: '', updatedAt: '' }
  })
}

const COLUMNS = {
  tenant_id: 'uuid',
  entity_id: 'bigint',
  id: 'uuid',
  created_at: 'timestamptz',
  created_by: 'uuid',
  data: 'jsonb',
  keys: 'jsonb',
  k1: 'text',
  k2: 'text',
  u1: 'text',
}

function rowOf(entity: Entity, n: number): (string | number | null)[] {
  const { data } = recordFromBody(entity, recordOf(n))
  const { keys, slots, data: stored } = columnsOf(entity, withoutNulls(data), new Map())
  const id = newRecordId()
  const { k1 = null, k2 = null, u1 = null } = slots
  const { tenantId: author } = entity
  const documents = [JSON.stringify(stored), JSON.stringify(keys)]
  return [author, entity.id, id, createdAtOf(id), author, ...documents, k1, k2, u1]
}

async function seedRecords(db: pg.Client, records: readonly { entity: Entity; n: number }[]): Promise<void> {
  const rows = records.map(({ entity, n }) => rowOf(entity, n))
  const types = Object.values(COLUMNS).map((type, at) => `$${at + 1}::${type}[]`)
  await db.query(
    `insert into record (${Object.keys(COLUMNS).join(', ')}) select * from unnest(${types.join(', ')})`,
    types.map((_, column) => rows.map((row) => row[column])),
  )
}

/** What a client needs to know of every entity; the large one is the last. */
export async function readPlaces(db: pg.Client, secret: string): Promise<Place[]> {
  const app = Fastify()
  await app.register(jwt, { secret, sign: { expiresIn: '30d' } })
  const { rows } = await db.query<{ tenant: string; name: string; ids: string[] }>(
    `select tenant_id::text as tenant, name, array(
        select r.id::text from record r where r.tenant_id = e.tenant_id and r.entity_id = e.id order by r.id limit 1000
      ) as ids
      from entity e where name = '${LARGE}' or name like 'thing\\_%' order by name = '${LARGE}', id`,
  )
  const tokens = new Map<string, string>()
  for (const { tenant } of rows)
    if (!tokens.has(tenant)) tokens.set(tenant, app.jwt.sign({ sub: tenant, tid: tenant, sid: tenant }))
  return rows.map(({ tenant, name, ids }) => ({ token: tokens.get(tenant) as string, name, ids }))
}
