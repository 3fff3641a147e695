// Where each table is placed on Citus, and that nobody forgets to say so of a new one.
import pg from 'pg'
import t from 'tap'
import { placementOf } from '../../../lib/postgres/citus/placement.ts'
import { distribute, migrate } from '../../../lib/postgres/migrate.ts'
import { silentLog } from '../../../lib/process/log.ts'
import { createEmptyDatabase, createTestDatabase } from '../../support/test-database.ts'

t.test('every table has its place', async (t) => {
  const { url } = await createTestDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select relname as name, array(select attname::text from pg_attribute
       where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
     from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  )
  for (const { name, columns } of rows) t.ok(placementOf(name, columns), name)
  t.strictSame(placementOf('record', ['tenant_id', 'id']), { column: 'tenant_id' })
  t.equal(placementOf('constructor', ['id']), undefined)
  const { rows: refused } = await client.query(`
    select conrelid::regclass::text as name from pg_constraint where contype in ('p', 'u') and connamespace = 'public'::regnamespace
      and conrelid::regclass::text not in ('tenant', 'migration', 'directory', 'tick', 'change_sweep')
      and (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) <> 'tenant_id'
    union all select tgrelid::regclass::text from pg_trigger where not tgisinternal
    union all select attrelid::regclass::text from pg_attribute where attidentity <> '' and attrelid >= 16384`)
  t.strictSame(refused, [], 'keys begin with the tenant; there are no triggers and no identity columns')
})

t.test('a database without Citus is not distributed, and says so', async (t) => {
  const url = await createEmptyDatabase(t)
  await t.rejects(distribute(url, silentLog), { name: 'StartError', message: /create extension citus/ })
  await migrate(url, silentLog)
})
