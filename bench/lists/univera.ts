// Univera's side: the entities, and their records by the import of NDJSON.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Contestant, post } from '../servers.ts'
import { comments, schools, students, tags } from './records.ts'
import { sizeOf } from './size.ts'

const ENTITIES = [
  { entity_name: 'school', fields: [{ name: 'name', type: 'string', indexed: true }] },
  { entity_name: 'tag', fields: [{ name: 'name', type: 'string' }] },
  {
    entity_name: 'student',
    fields: [
      { name: 'name', type: 'string', indexed: true },
      { name: 'age', type: 'integer', indexed: true },
      { name: 'email', type: 'email', indexed: true },
      { name: 'enrolled', type: 'boolean' },
      { name: 'amount', type: 'decimal', scale: 2 },
      { name: 'grade', type: 'float', indexed: true },
      { name: 'school', type: 'relation', entity: 'school' },
    ],
  },
  {
    entity_name: 'comment',
    fields: [
      { name: 'body', type: 'string' },
      { name: 'student', type: 'relation', entity: 'student', indexed: true },
      { name: 'tags', type: 'relation', entity: 'tag', many: true },
    ],
  },
]

/** Rows of one import. */
const BATCH = 50_000

function* batchesOf(rows: Iterable<object>): Generator<string> {
  const lines: string[] = []
  for (const row of rows) {
    lines.push(JSON.stringify(row))
    if (lines.length === BATCH) yield lines.splice(0).join('\n')
  }
  if (lines.length > 0) yield lines.join('\n')
}

async function load({ url, token }: Contestant, entity: string, rows: Iterable<object>): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-ndjson',
    prefer: 'return=minimal',
  }
  for (const body of batchesOf(rows)) {
    const answer = await fetch(`${url}/${entity}/`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(await answer.text())
    await answer.arrayBuffer()
  }
}

/** The ids of an entity's records, in their order. */
async function idsOf({ database }: Contestant, entity: string): Promise<string[]> {
  const text = `select r.id from record r join entity e on e.id = r.entity_id where e.name = $1 order by r.id`
  const { rows } = await database.query<[string]>({ text, values: [entity], rowMode: 'array' })
  return rows.map(([id]) => id)
}

async function untilFilled({ url, token }: Contestant, entity: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  for (;;) {
    const answer = await fetch(`${url}/schemas/${entity}/indexes`, { headers })
    const slots = (await answer.json()) as { state: string }[]
    if (slots.every(({ state }) => state === 'ready')) return
    await sleep(200)
  }
}

/** The tables of records and of their relations. */
const STORAGE = ['record', 'link']

/** Creates everything; returns the ids that there are, and the bytes that a student takes. */
export async function fillUnivera(who: Contestant, records: number) {
  for (const entity of ENTITIES) await post(`${who.url}/schemas/`, entity, who.token)
  await load(who, 'school', schools())
  await load(who, 'tag', tags())
  const [schoolIds, tagIds] = [await idsOf(who, 'school'), await idsOf(who, 'tag')]
  const before = await sizeOf(who.database, STORAGE)
  await load(who, 'student', students(records, schoolIds))
  const bytes = ((await sizeOf(who.database, STORAGE)) - before) / records
  const studentIds = await idsOf(who, 'student')
  await load(who, 'comment', comments(studentIds, tagIds))
  for (const { entity_name } of ENTITIES) await untilFilled(who, entity_name)
  await who.database.query('vacuum (analyze)')
  return { bytes, schools: schoolIds, students: studentIds, comments: await idsOf(who, 'comment') }
}
