// The role that the server works as: neither owner nor superuser, so that row-level security binds it. Roles belong to
// the whole PostgreSQL server, so several databases may set it up at the same moment. Refuses a role that bypasses
// row-level security; without the right to create one, the URL's user works as itself.
import type { Client } from 'pg'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'
import type { Log } from '../process/log.ts'

export const appRole = 'univera_app'

/** What two sessions meet that change the same role at once. */
const collisions = new Set(['42710', '23505', 'XX000', '40001'])

const insufficientPrivilege = '42501'

/**
 * Makes the role exist and this connection's user a member.
 *
 * @returns the role, or null when this user has no right to it
 */
export async function ensureAppRole(client: Client, log: Log): Promise<string | null> {
  try {
    await withoutCollision(() => createRole(client))
    await withoutCollision(() => joinRole(client))
    return appRole
  } catch (error) {
    if (errorCode(error) !== insufficientPrivilege) throw error
    await warnAboutOwnUser(client, log, reasonOf(error))
    return null
  }
}

async function withoutCollision(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!collisions.has(errorCode(error)) || attempt === 10) throw error
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt))
    }
  }
}

async function createRole(client: Client): Promise<void> {
  const { rows } = await client.query(
    'select rolsuper or rolbypassrls as unbound from pg_roles where rolname = $1',
    [appRole],
  )
  if (rows[0]?.unbound) {
    throw new StartError(
      `The role ${appRole} bypasses row-level security: alter role ${appRole} nosuperuser nobypassrls.`,
    )
  }
  if (rows.length === 0) await client.query(`create role ${appRole} nologin`)
}

async function joinRole(client: Client): Promise<void> {
  const modern = Number((await client.query('show server_version_num')).rows[0].server_version_num) >= 160000
  const { rows } = await client.query('select pg_has_role(current_user, $1, $2) as member', [
    appRole,
    modern ? 'SET' : 'MEMBER',
  ])
  if (!rows[0].member) await client.query(`grant ${appRole} to current_user${modern ? ' with set true' : ''}`)
}

async function warnAboutOwnUser(client: Client, log: Log, reason: string): Promise<void> {
  const { rows } = await client.query(
    'select rolname as name, rolsuper or rolbypassrls as unbound from pg_roles where rolname = current_user',
  )
  const { name, unbound } = rows[0]
  const wall = unbound ? 'NOT in force for it' : 'in force for it'
  log.warn(
    `The role ${appRole} cannot be used (${reason}); working as ${name}, row-level security is ${wall}. ` +
      `To change that: create role ${appRole}; grant ${appRole} to ${name}.`,
  )
}

/** What the role may do: everything with the rows of Univera's tables, nothing with the record of migrations. */
export async function grantToAppRole(client: Client): Promise<void> {
  await client.query(`
    do $$
    declare
      home regnamespace := (select relnamespace from pg_class where oid = 'migration'::regclass);
      t record;
    begin
      if not has_schema_privilege('${appRole}', home::oid, 'usage') then
        execute format('grant usage on schema %s to ${appRole}', home);
      end if;
      for t in
        select c.oid::regclass as name, c.relkind = 'S' as sequence
        from pg_class c, pg_class m
        where m.oid = 'migration'::regclass and c.oid <> m.oid and c.relnamespace = m.relnamespace
          and c.relowner = m.relowner and pg_has_role(c.relowner, 'usage') and c.relkind in ('r', 'p', 'v', 'S')
          -- What there is already is not granted again: on Citus each grant goes to every shard.
          and case when c.relkind = 'S' then not has_sequence_privilege('${appRole}', c.oid, 'usage')
            else not has_table_privilege('${appRole}', c.oid, 'insert') end
      loop
        if t.sequence then
          execute format('grant usage, select on sequence %s to ${appRole}', t.name);
        elsif t.name = to_regclass('audit') then
          execute format('grant select, insert on %s to ${appRole}', t.name);
        else
          execute format('grant select, insert, update, delete on %s to ${appRole}', t.name);
        end if;
      end loop;
    end $$`)
}
