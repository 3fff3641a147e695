// The data of the server written by hand: the records of a world as rows of one table with typed columns, and the indexes
// that its queries want. Each entity is an owner.

import jwt from '@fastify/jwt'
import Fastify from 'fastify'
import type pg from 'pg'
import { LARGE, type Place } from './world.ts'

const TABLE = `create table if not exists things (
  owner bigint not null, id uuid not null default gen_random_uuid(),
  name text, age int, email text, city text, active boolean, code text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now())`

/** After the rows: that is quicker. */
const INDEXES = [
  'create unique index if not exists things_id on things (owner, id)',
  'create unique index if not exists things_code on things (owner, code)',
  'create index if not exists things_name on things (owner, name, id)',
  'create index if not exists things_age on things (owner, age, id)',
]

/** Fills the table unless that was done before. */
export async function seedThings(db: pg.Client): Promise<void> {
  await db.query(TABLE)
  await db.query(
    `insert into things
      select entity_id, id, data->>'name', (data->>'age')::int, data->>'email', data->>'city',
        (data->>'active')::boolean, data->>'code', created_at, coalesce(updated_at, created_at)
      from record where entity_id > 0 and not exists (select from things)`,
  )
  for (const index of INDEXES) await db.query(index)
  await db.query('vacuum (analyze) things')
}

/** As readPlaces: what a client needs to know of every owner; the one with most things is the last. */
export async function readOwners(db: pg.Client, secret: string): Promise<Place[]> {
  const app = Fastify()
  await app.register(jwt, { secret, sign: { expiresIn: '30d' } })
  const { rows } = await db.query<{ id: string; ids: string[] }>(
    `select e.id::text as id, array(
        select t.id::text from things t where t.owner = e.id order by t.id limit 1000
      ) as ids
      from entity e where name = '${LARGE}' or name like 'thing\\_%' order by name = '${LARGE}', e.id`,
  )
  return rows.map(({ id, ids }) => ({ token: app.jwt.sign({ owner: id }), name: 'things', ids }))
}
