// Univera's tables in the order in which they can be filled: those that others refer to come first.
import type { Client } from 'pg'
import { StartError } from '../../errors/start-error.ts'

export interface Table {
  name: string
  columns: string[]
}

/** The names and columns of all tables but the record of migrations, which `migrate` keeps; StartError when there are none. */
export async function listTables(client: Client): Promise<Table[]> {
  const { rows: found } = await client.query(`select to_regclass('migration') is not null as present`)
  if (!found[0].present) throw new StartError('There are no tables of Univera in the database.')
  const { rows } = await client.query<Table & { refers_to: string[] }>(`
    select c.relname as name,
      array(select quote_ident(attname) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
      array(select t.relname::text from pg_constraint f join pg_class t on t.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and t.oid <> c.oid) as refers_to
    from pg_class c, pg_class m
    where m.oid = 'migration'::regclass and c.oid <> m.oid and c.relnamespace = m.relnamespace
      and c.relowner = m.relowner and c.relkind = 'r'
    order by c.relname`)
  const sorted: typeof rows = []
  while (sorted.length < rows.length) {
    const done = new Set(sorted.map(({ name }) => name))
    const next = rows.filter((row) => !done.has(row.name) && row.refers_to.every((name) => done.has(name)))
    if (next.length === 0) throw new Error('tables refer to each other in a circle')
    sorted.push(...next)
  }
  return sorted.map(({ name, columns }) => ({ name, columns }))
}

/** Sequences of the tables' columns. */
export async function listSequences(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select c.relname as name from pg_class c, pg_class m
    where m.oid = 'migration'::regclass and c.relnamespace = m.relnamespace and c.relowner = m.relowner
      and c.relkind = 'S' order by c.relname`)
  return rows.map(({ name }) => name)
}

/**
 * Lets this transaction see and write all rows: row-level security binds an owner, too, unless the role bypasses it. The
 * tables are locked meanwhile.
 *
 * @returns what puts it back in force
 */
export async function liftRowSecurity(
  client: Client,
  tables: readonly Pick<Table, 'name'>[],
): Promise<() => Promise<void>> {
  const { rows } = await client.query(
    'select rolsuper or rolbypassrls as unbound from pg_roles where rolname = current_user',
  )
  if (rows[0].unbound) return async () => {}
  const { rows: forced } = await client.query<{ name: string }>(
    'select relname as name from pg_class where relforcerowsecurity and oid = any($1::text[]::regclass[])',
    [tables.map(({ name }) => name)],
  )
  const alter = async (how: string) => {
    for (const { name } of forced) await client.query(`alter table ${name} ${how} row level security`)
  }
  await alter('no force')
  return () => alter('force')
}
