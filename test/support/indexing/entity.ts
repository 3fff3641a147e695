// What the tests of index slots share: an entity, a look at its indexes, and a look behind the API at the columns.

import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { SlotFill } from '../../../lib/db/tenant-directory.ts'
import { derive, keepsKey, type StoredData } from '../../../lib/entities/derived-columns.ts'
import type { Entity } from '../../../lib/entities/entity.ts'
import type { IndexReport } from '../../../lib/indexing/index-report.ts'
import { ADMIN, as, signIn, startWithAdmin } from '../app.ts'
import { until } from '../until.ts'

export type Send = ReturnType<typeof as>

export async function sendAsAdmin(app: FastifyInstance): Promise<Send> {
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  return as(app, access_token)
}

export async function startSlots(t: Test) {
  const { app, database } = await startWithAdmin(t)
  return { app, database, send: await sendAsAdmin(app) }
}

/** Creates an entity with these records. */
export async function define(send: Send, name: string, fields: object[], records: object[] = []) {
  const defined = await send('POST', '/schemas/', { entity_name: name, fields })
  if (defined.statusCode !== 201) throw new Error(defined.body)
  for (let at = 0; at < records.length; at += 1000) {
    const stored = await send('POST', `/${name}/`, records.slice(at, at + 1000))
    if (stored.statusCode !== 201) throw new Error(stored.body)
  }
}

export async function redefine(send: Send, name: string, fields: object[]) {
  const answer = await send('PUT', `/schemas/${name}`, { fields })
  if (answer.statusCode !== 200) throw new Error(answer.body)
}

export async function indexesOf(send: Send, name: string): Promise<IndexReport[]> {
  return (await send('GET', `/schemas/${name}/indexes`)).json()
}

/** Waits until there are so many indexes and every one is ready. */
export async function whenReady(send: Send, name: string, count: number): Promise<IndexReport[]> {
  let indexes: IndexReport[] = []
  await until(async () => {
    indexes = await indexesOf(send, name)
    return indexes.length === count && indexes.every(({ state }) => state === 'ready')
  }, `${count} indexes of ${name} are ready`)
  return indexes
}

/** Runs a statement past row-level security. */
export async function look<T>(app: FastifyInstance, text: string, values: unknown[] = []): Promise<T[]> {
  const client = await app.pg.pool.connect()
  try {
    await client.query('begin; reset role')
    return (await client.query(text, values)).rows
  } finally {
    await client.query('commit')
    client.release()
  }
}

interface DerivedRow {
  data: StoredData
  keys: Record<string, string>
  slots: Record<string, string | null>
}

async function storedOf(app: FastifyInstance, entity: string) {
  const [found] = await look<{ definition: Entity }>(app, 'select definition from entity where name = $1', [
    entity,
  ])
  if (found === undefined) throw new Error(`there is no ${entity}`)
  const rows = await look<DerivedRow>(
    app,
    `select data, keys, to_jsonb(r) as slots from record r join entity e on e.id = r.entity_id where e.name = $1`,
    [entity],
  )
  return { ...found, rows }
}

/** Records whose slot differs from the key of the field's value. */
export async function wrongSlots(
  app: FastifyInstance,
  entity: string,
  name: string,
  slot: number,
): Promise<number> {
  const { definition, rows } = await storedOf(app, entity)
  const key = definition.fields.find((field) => field.name === name)?.key ?? name
  const slots = { [key]: { slot, ready: true } }
  const column = `k${slot}`
  return rows.filter((row) => row.slots[column] !== derive({ ...definition, slots }, row.data).slots[column])
    .length
}

/** Records that lack a key that queries read in `keys`, or have another one. */
export async function wrongKeys(app: FastifyInstance, entity: string): Promise<number> {
  const { definition, rows } = await storedOf(app, entity)
  const { fields, slots } = definition
  const read = fields.filter((field) => keepsKey(field, slots) && !slots[field.key]?.leaving)
  return rows.filter(({ data, keys }) => {
    const derived = derive(definition, data)
    return read.some(({ key }) => keys[key] !== derived.keys[key])
  }).length
}

/** Sets an entity back to where a worker has filled one slot of its first records only, in a moment ago. */
export async function unready(
  app: FastifyInstance,
  entity: string,
  key: string,
  { done, worker }: { done: number; worker: string },
): Promise<void> {
  await look(
    app,
    `update record r set keys = keys || jsonb_strip_nulls(jsonb_build_object($2::text, nullif(k1, E'\\U0010FFFF')))
     from entity e where e.id = r.entity_id and e.name = $1`,
    [entity, key],
  )
  await look(
    app,
    `with e as (
       update entity set definition = jsonb_set(definition, array['slots', $2, 'ready'], 'false') where name = $1
       returning tenant_id, id, definition->'slots'->$2->>'slot' as slot
     ), ids as (
       select r.id from record r join e on e.id = r.entity_id order by r.id limit $3
     ), epoch as (
       update tenant set epoch = epoch + 1 where id = (select tenant_id from e)
     )
     insert into slot_fill (tenant_id, entity_id, after_id, worker, worked_at)
     select e.tenant_id, e.id, (select id from ids order by id desc limit 1), $4, now() from e`,
    [entity, key, done, worker],
  )
  await look(
    app,
    `update record set k1 = 'left by another field' where id > (select after_id from slot_fill where worker = $1)`,
    [worker],
  )
}

/** Keeps the server from filling the slots of an entity: the job is this worker's for an hour. */
export async function holdFill(app: FastifyInstance, entity: string): Promise<SlotFill> {
  const worker = randomUUID()
  const [row] = await look<{ tenant_id: string; entity_id: number }>(
    app,
    `insert into slot_fill (tenant_id, entity_id, worker, worked_at)
     select tenant_id, id, $2, now() + interval '1 hour' from entity where name = $1
     returning tenant_id, entity_id::float8 as entity_id`,
    [entity, worker],
  )
  return { tenantId: row?.tenant_id ?? '', entityId: row?.entity_id ?? 0, worker }
}
