// Distributes the tables over the nodes of Citus: in one transaction those that are not yet, so that a distribution that is
// broken off has not begun; then the functions that are otherwise on Citus, on every node. What is done is not done again.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg, { type Client } from 'pg'
import { StartError } from '../../errors/start-error.ts'
import { appRole } from '../app-role.ts'
import { liftRowSecurity } from '../dump/tables-store.ts'
import { migrationsDirectory } from '../migrations.ts'
import { onWorkers, requireCluster, requireRoles } from './cluster-store.ts'
import { type Placement, placementOf } from './placement.ts'

interface Table {
  name: string
  placement: Placement
}

/** Distributes what is not distributed yet, functions included; the number of tables that were. StartError when it cannot. */
export async function distributeTables(client: Client, database: string): Promise<number> {
  await requireCluster(client, database)
  await allowLogin(client)
  await requireRoles(client)
  const tables = await undistributedTables(client)
  if (tables.length > 0) await inTransaction(client, () => place(client, tables))
  await installFunctions(client)
  return tables.length
}

/** Citus connects its nodes as the role that a statement runs as. */
async function allowLogin(client: Client): Promise<void> {
  const { rows } = await client.query('select from pg_roles where rolname = $1 and not rolcanlogin', [
    appRole,
  ])
  if (rows.length > 0) await client.query(`alter role ${appRole} login`)
}

async function undistributedTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(`
    select c.relname as name,
      array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
    from pg_class c, pg_class m
    where m.oid = 'migration'::regclass and c.relnamespace = m.relnamespace and c.relowner = m.relowner
      and c.relkind = 'r' and not exists (select from pg_dist_partition p where p.logicalrelid = c.oid)
    order by c.relname <> 'tenant', c.relname`)
  return rows.flatMap(({ name, columns }) => {
    const placement = placementOf(name, columns)
    if (placement === undefined)
      throw new StartError(`Where to place the table ${name} on Citus is not known.`)
    return placement === 'local' ? [] : [{ name, placement }]
  })
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query(
      `set local statement_timeout to 0; set local citus.multi_shard_modify_mode to 'sequential'`,
    )
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Citus takes no foreign keys to a table that is not distributed yet: they are put back after that. */
async function place(client: Client, tables: readonly Table[]): Promise<void> {
  const names = tables.map(({ name }) => name)
  const { rows: keys } = await client.query<{ name: string; of: string; definition: string }>(
    `select quote_ident(conname) as name, conrelid::regclass::text as of, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and conrelid = any($1::text[]::regclass[])`,
    [names],
  )
  for (const { of, name } of keys) await client.query(`alter table ${of} drop constraint ${name}`)
  const restoreSecurity = await liftRowSecurity(client, tables)
  if (names.includes('tenant')) await nameTenants(client)
  for (const { name, placement } of tables) await placeTable(client, name, placement)
  for (const { of, name, definition } of keys)
    await client.query(`alter table ${of} add constraint ${name} ${definition}`)
  await restoreSecurity()
}

async function placeTable(client: Client, name: string, placement: Placement): Promise<void> {
  const table = pg.escapeLiteral(pg.escapeIdentifier(name))
  if (typeof placement === 'string') {
    await client.query(`select create_reference_table(${table})`)
    return
  }
  const beside = name === 'tenant' ? "colocate_with => 'none'" : "colocate_with => 'tenant'"
  await client.query(`select create_distributed_table(${table}, '${placement.column}', ${beside})`)
}

/** A name is unique over all tenants, which no index of a distributed table can say. */
async function nameTenants(client: Client): Promise<void> {
  await client.query(`drop index tenant_name; delete from directory;
    insert into directory (name, tenant_id) select name, id from tenant where deleted_at is null`)
}

/** Citus brings some of the migrations' functions to the workers, but not those that name types of rows. */
async function installFunctions(client: Client): Promise<void> {
  const sql = await readFile(join(migrationsDirectory(), 'citus.sql'), 'utf8')
  const digest = await digestOf(client, sql)
  const { rows } = await client.query<{ known: string | null }>(
    `select obj_description(to_regprocedure('refuse_elsewhere(text)'), 'pg_proc') as known`,
  )
  if (rows[0]?.known === digest) return
  await client.query(`set citus.enable_ddl_propagation to off; ${sql}; ${REDIRECT}`)
  await client.query('reset citus.enable_ddl_propagation')
  await onWorkers(client, await allFunctions(client))
  await onWorkers(client, 'select open_shards()')
  await client.query(`set citus.enable_ddl_propagation to off; comment on function refuse_elsewhere(text) is '${digest}';
    reset citus.enable_ddl_propagation`)
}

/** Functions that operators call for a tenant that may be on another node. */
const REDIRECT = `
  do $redirect$
  declare f record;
  begin
    for f in select pg_get_functiondef(p.oid) as definition from pg_proc p, pg_class m
      where m.oid = 'migration'::regclass and p.pronamespace = m.relnamespace
        and p.proname in ('tenant_usage', 'count_tenant')
    loop
      execute replace(f.definition,
        $$perform set_config('app.tenant_id', p_tenant::text, true);$$, 'perform enter_elsewhere(p_tenant);');
    end loop;
  end $redirect$`

/** What the functions depend on: this text, the migrations, the nodes. */
async function digestOf(client: Client, sql: string): Promise<string> {
  const { rows } = await client.query<{ state: string }>(
    `select (select string_agg(name, ' ' order by name) from migration) || ' ' ||
       (select string_agg(nodename || ':' || nodeport, ' ' order by nodeid) from pg_dist_node) as state`,
  )
  return createHash('sha256')
    .update(sql)
    .update(rows[0]?.state ?? '')
    .digest('hex')
}

/** SQL that makes the functions of the schema as they are here. */
async function allFunctions(client: Client): Promise<string> {
  const { rows } = await client.query<{ definition: string; home: string }>(
    `select pg_get_functiondef(p.oid) as definition, m.relnamespace::regnamespace::text as home from pg_proc p, pg_class m
     where m.oid = 'migration'::regclass and p.pronamespace = m.relnamespace and p.proowner = m.relowner
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
     order by p.proname <> 'refuse_elsewhere', p.proname <> 'app_tenant', p.oid`,
  )
  // One statement: of several Citus tells only how the first has ended.
  const statements = rows.map(({ definition }) => `execute $univera$${definition}$univera$;`)
  return `do $univera_all$ begin
    perform set_config('citus.enable_ddl_propagation', 'off', true);
    perform set_config('check_function_bodies', 'off', true);
    perform set_config('search_path', ${pg.escapeLiteral(rows[0]?.home ?? '')}, true);
    ${statements.join('\n')}
  end $univera_all$`
}
