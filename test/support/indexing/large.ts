// A large entity for the tests of cost, among small ones of the same and of other tenants. Filled in SQL, which makes the
// keys that lib/entities/derived-columns.ts makes: a test compares them.

import pg from 'pg'
import type { Test } from 'tap'
import { firstIdAt } from '../../../lib/entities/record-id.ts'
import { entity, field, tenantId } from '../query/sample.ts'
import { createTestDatabase } from '../test-database.ts'

/** Enough for the plans of a million and filled in seconds; UNIVERA_TEST_RECORDS=1000000 for the full size. */
export const RECORDS = Number(process.env.UNIVERA_TEST_RECORDS ?? 200_000)

export const item = entity(
  'item',
  [
    field('name', 'string'),
    field('serial', 'integer'),
    field('age', 'integer'),
    field('born', 'date'),
    field('active', 'boolean'),
    field('note', 'string'),
  ],
  { id: 1000, slots: ['name', 'serial', 'age', 'born'] },
)

/** The id of the n-th record, which was created n seconds after the first day began. */
export const idOf = (n: number) =>
  firstIdAt(Date.parse('2026-01-01T00:00:00Z') + n * 1000).replace(
    '0000-0000-000000000000',
    `7000-8000-${n.toString(16).padStart(12, '0')}`,
  )

const integerKey = (n: string) =>
  `case when ${n} = 0 then '1' else '2' || (length(${n}::text) + 4999) || rtrim(${n}::text, '0') end`

const textKey = (text: string) => `lower(${text}) || E'\\u0001' || ${text}`

/** Inserts records `from` to `to` of an entity; every tenth has no age. */
const insert = `
  insert into record (tenant_id, entity_id, id, created_at, updated_at, created_by, data, keys, k1, k2, k3, k4)
  select $1, $2, (left(hex, 8) || '-' || right(hex, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
    timestamptz '2026-01-01Z' + n * interval '1 second', timestamptz '2026-01-01Z' + n * interval '1 second',
    ('00000000-0000-7000-8000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid,
    jsonb_strip_nulls(jsonb_build_object('name', name, 'serial', serial, 'age', age, 'born', born, 'active', n % 2 = 0,
      'note', note)),
    jsonb_build_object('note', note_key),
    k1, k2, coalesce(age_key, E'\\U0010FFFF'), k4
  from generate_series($3::bigint, $4::bigint) n,
    lateral (select lpad(to_hex((extract(epoch from timestamptz '2026-01-01Z') + n)::bigint * 1000), 12, '0') as hex) as i,
    lateral (select 'Item ' || n * 7919 % $5::bigint as name, n as serial, 'Note ' || n % 100 as note,
      case when n % 10 > 0 then n * 31 % 1000 end as age, (date '1950-01-01' + (n % 20000)::int)::text as born) as v,
    lateral (select ${textKey('name')} as k1, ${integerKey('serial')} as k2, ${integerKey('age')} as age_key,
      born as k4, ${textKey('note')} as note_key) as k`

/** A connection, as the URL's user, to a database that holds the records. */
export async function openLarge(t: Test): Promise<{ client: pg.Client; role: string }> {
  t.setTimeout(600_000)
  const { url, role } = await createTestDatabase(t)
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' })
  await client.connect()
  t.teardown(() => client.end())
  await client.query("insert into tenant (id, name) values ($1, 'default')", [tenantId])
  await client.query('alter table record set (autovacuum_enabled = off)')
  await client.query(insert, [tenantId, item.id, 1, RECORDS, RECORDS])
  for (let small = 1; small <= 100; small++) {
    const other = small % 2 === 0 ? tenantId : `00000000-0000-7000-9000-${String(small).padStart(12, '0')}`
    await client.query(insert, [other, small, 1, small * 5, RECORDS])
  }
  return { client, role: String(role) }
}
