// Where a tenant is, from its id: the hash is PostgreSQL's own, and ranges of hashes are found by their lowest.
import pg from 'pg'
import t from 'tap'
import { PlacementMap } from '../../../lib/db/nodes/placement-map.ts'
import { hashUuid } from '../../../lib/db/nodes/uuid-hash.ts'
import { createTestDatabase } from '../../support/test-database.ts'

t.test('a uuid has the hash that PostgreSQL gives it', async (t) => {
  const { url } = await createTestDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ id: string; hash: number }>(
    'select id, uuid_hash(id) as hash from (select gen_random_uuid() as id from generate_series(1, 500)) x',
  )
  await client.end()
  for (const { id, hash } of rows) if (hashUuid(id) !== hash) t.fail(id)
  t.equal(rows.length, 500)
})

t.test('every tenant is in one range', async (t) => {
  const id = '11111111-1111-7111-8111-111111111111'
  const hash = hashUuid(id)
  const map = new PlacementMap([
    { from: hash, node: 'b:1', shard: '2' },
    { from: -(2 ** 31), node: 'a:1', shard: '1' },
    { from: hash + 1, node: 'c:1', shard: '3' },
  ])
  t.equal(map.placementOf(id)?.shard, '2')
  t.equal(new PlacementMap([]).placementOf(id), undefined)
})
