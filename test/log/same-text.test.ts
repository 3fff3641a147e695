// What an entity does not ask for costs it nothing: its statements are those of before, to the letter.
import t from 'tap'
import type { Entity } from '../../lib/entities/entity.ts'
import { countedDelete, deleteWhere } from '../../lib/records/write/delete-sql.ts'
import { insertStatement } from '../../lib/records/write/insert-sql.ts'
import {
  countedUpdate,
  rewriteStatement,
  updateStatement,
  updateWhere,
} from '../../lib/records/write/update-sql.ts'
import type { NewRecord, WriteContext } from '../../lib/records/write/written-row.ts'

const definition = { version: 3, fields: [], retiredKeys: [] }

const entity = { id: 7, tenantId: 't', name: 'thing', ...definition } as unknown as Entity

const context = (asks: Partial<Entity>): WriteContext => ({
  scope: { id: 't', epoch: 1 },
  entity: { ...entity, ...asks },
  author: 'a',
  returning: () => "'{}'",
})

const row: NewRecord = {
  id: '01900000-0000-7000-8000-000000000000',
  data: { a: 1 },
  keys: { a: 'k' },
  slots: {},
  links: [],
  touched: ['a'],
}

const change = { ...row, touched: ['a'], touchedLinks: [] }

function statements(asks: Partial<Entity>): Record<string, string> {
  const of = context(asks)
  const where = () => 'true'
  return {
    insert: insertStatement(of, [row]).text,
    insertMany: insertStatement(of, [row, row]).text,
    update: updateStatement(of, row.id, change, {}).text,
    updateMany: updateWhere(of, change, where).text,
    rewrite: rewriteStatement(of, [row], []).text,
    remove: deleteWhere(of, where).text,
    removeMany: countedDelete(of, where).text,
  }
}

const PLAIN = {
  insert: `insert into record as r (tenant_id, entity_id, created_by, created_at, id, data, keys) select $2, $3, $1, $4, $5, $6, $7 where app_tenant() is not null returning within_answer('{}') as record, r.version::text as version, r.id::text as id`,
  update: `update record as r set data = (r.data - $1::text[]) || $2::jsonb, keys = (r.keys - $1::text[]) || $3::jsonb, version = r.version + 1, updated_at = greatest(now(), r.updated_at, r.created_at), updated_by = $4 where r.tenant_id = $5 and r.entity_id = $6 and r.id = $7 returning within_answer('{}') as record, r.version::text as version, r.id::text as id`,
  countedUpdate: `with r as (update record as r set data = (r.data - $1::text[]) || $2::jsonb, keys = (r.keys - $1::text[]) || $3::jsonb, version = r.version + 1, updated_at = greatest(now(), r.updated_at, r.created_at), updated_by = $4 where true returning r.id)
    select count(*)::text as count from r`,
  remove: `delete from record as r where true returning within_answer('{}') as record, r.version::text as version, r.id::text as id`,
  removeMany: `with r as (delete from record as r where true returning r.id) select (select count(*) from r)::text as count`,
}

t.test('an entity without history and feed', async (t) => {
  const plain = { ...statements({}), countedUpdate: countedUpdate(context({}), change, () => 'true').text }
  for (const [name, text] of Object.entries(plain)) t.notMatch(text, /logged|change \(/, name)
  t.match(plain, PLAIN)
})

t.test('one that asks for either', async (t) => {
  for (const asks of [{ history: true }, { feed: true }] as const)
    for (const [name, text] of Object.entries(statements(asks)))
      t.match(text, 'logged as (insert into change', name)
})
