// Fields get and give up their slots beside writers on two servers, one of which is killed in between: at no time is a record
// missing from an answer, and in the end each key is stored where it is read, and nowhere else.

import pg from 'pg'
import t from 'tap'
import { derive, type StoredData } from '../../lib/entities/derived-columns.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { signIn, startServer } from '../support/server-process.ts'
import { createEmptyDatabase } from '../support/test-database.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'correct-horse'

const SECRET_KEY = 'a secret for tests only, 32 bytes and more'

const RECORDS = 20_000

const CLIENTS = 6

const field = (name: string, type: string) => (indexed: boolean) => ({
  name,
  type,
  ...(indexed ? { indexed } : {}),
})

const [name, age, born] = [field('name', 'string'), field('age', 'integer'), field('born', 'date')]

/** The definitions that follow each other; the last one is what remains. */
const STEPS = [
  [name(false), age(true), born(false)],
  [name(true), age(false), born(true)],
  [name(false), age(true), born(true)],
  [name(true), age(false), born(false)],
]

async function start(test: typeof t) {
  const DATABASE_URL = await createEmptyDatabase(test as never)
  const cwd = test.testdir({})
  const env = { DATABASE_URL, SECRET_KEY, ADMIN_PASSWORD: PASSWORD, DATA_DIR: cwd, LOG_LEVEL: 'error' }
  const launch = async () => {
    const server = startServer(test as never, { cwd, env: { ...env, LOG_LEVEL: 'info' } })
    const url = await server.listening
    const { access_token } = await signIn(url, PASSWORD)
    const send = async (method: string, path: string, body?: object) => {
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
        body: body ? JSON.stringify(body) : null,
      })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return answer.status === 204 ? undefined : ((await answer.json()) as Record<string, unknown>[])
    }
    return { server, send }
  }
  const owner = new pg.Client({ connectionString: DATABASE_URL })
  await owner.connect()
  test.teardown(() => owner.end())
  return { launch, owner }
}

type Send = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['launch']>>['send']

/** Records as an earlier version has stored them: with all keys, and twice the time and author of their creation. */
async function fillAsBefore(owner: pg.Client): Promise<void> {
  await owner.query(
    `insert into record (tenant_id, entity_id, id, created_at, updated_at, data, keys, k1, k2)
     select tenant_id, id, ('01980000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(), now(),
       jsonb_build_object('name', text, 'age', 7, 'born', '2000-01-01'),
       jsonb_build_object('name', text || E'\\u0001' || text, 'age', '250007', 'born', '2000-01-01'),
       text || E'\\u0001' || text, '250007'
     from entity, generate_series(1, $1::int) n, lateral (select 'n' || n as text) as x where entity.name = 'pupil'`,
    [RECORDS],
  )
}

/** Renames records of its own, and looks for each by its new name and its age. */
async function work(send: Send, client: number, isOver: () => boolean): Promise<string[]> {
  const missed: string[] = []
  for (let n = 0; !isOver(); n++) {
    const at = 1 + ((client + n * CLIENTS) % RECORDS)
    const id = `01980000-0000-7000-8000-${at.toString(16).padStart(12, '0')}`
    const value = `c${client}-${n}`
    await send('PATCH', `/pupil/${id}`, { name: value, age: 1000 + client, born: '2001-01-01' })
    for (const filter of [
      `name=eq.${value}`,
      `name=gte.${value}&name=lte.${value}`,
      `id=eq.${id}&age=gt.900`,
    ]) {
      const found = (await send('GET', `/pupil/?${filter}&born=eq.2001-01-01&order=name,age`)) ?? []
      if (found.length !== 1) missed.push(`${filter}: ${found.length}`)
    }
  }
  return missed
}

async function wrongRecords(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ definition: Entity }>(
    `select definition from entity where name = 'pupil'`,
  )
  const { definition } = rows[0] as { definition: Entity }
  const records = await owner.query<{
    data: StoredData
    keys: object
    row: Record<string, string>
    twice: boolean
  }>(
    `select data, keys, to_jsonb(r) as row, coalesce(r.updated_at = r.created_at, false) as twice
     from record r join entity e on e.id = r.entity_id where e.name = 'pupil'`,
  )
  return records.rows.filter(({ data, keys, row, twice }) => {
    const derived = derive(definition, data)
    const slots = Object.keys(derived.slots).some((column) => row[column] !== derived.slots[column])
    return twice || slots || JSON.stringify(keys) !== JSON.stringify(derived.keys)
  }).length
}

t.test('slots are given and given up beside writers, while a server is killed', async (t) => {
  t.setTimeout(300_000)
  const { launch, owner } = await start(t as never)
  const { send } = await launch()
  await send('POST', '/schemas/', { entity_name: 'pupil', fields: [name(true), age(true), born(false)] })
  await fillAsBefore(owner)
  await owner.query(
    `insert into key_fill (tenant_id, entity_id) select tenant_id, id from entity where name = 'pupil'`,
  )
  let over = false
  const clients = Array.from({ length: CLIENTS }, (_, at) => work(send, at, () => over))
  let second = await launch()
  for (const fields of STEPS) {
    await second.send('PUT', '/schemas/pupil', { fields })
    await until(async () => {
      const { rows } = await owner.query(
        `select from slot_fill where worker is not null and after_id > '01980000-0000-7000-8000-000000000000'`,
      )
      return rows.length > 0 || ((await owner.query('select from slot_fill')).rowCount ?? 0) === 0
    }, 'the work has begun')
    second.server.child.kill('SIGKILL')
    await second.server.ended
    // As if half a minute had passed.
    await owner.query(`update slot_fill set worked_at = now() - interval '31 seconds'`)
    await owner.query(
      `update key_fill set worked_at = now() - interval '31 seconds', due_at = now() where not again`,
    )
    second = await launch()
  }
  const left = async (table: string, where: string) =>
    (await owner.query(`select from ${table} where ${where}`)).rowCount ?? 0
  await until(async () => (await left('slot_fill', 'true')) === 0, 'all slots are filled, or given up')
  over = true
  t.strictSame((await Promise.all(clients)).flat(), [])
  await owner.query(`update key_fill set due_at = now(), worked_at = now() - interval '31 seconds'`)
  await until(async () => (await left('key_fill', 'not again')) === 0, 'nothing is left that is not needed')
  const { rows } = await owner.query(`select definition->'slots' as slots from entity where name = 'pupil'`)
  const slots: { ready: boolean; leaving?: boolean }[] = Object.values(rows[0].slots)
  t.ok(Object.hasOwn(rows[0].slots, 'name'))
  t.ok(slots.every(({ ready, leaving }) => ready && !leaving))
  t.equal(await wrongRecords(owner), 0)
})
