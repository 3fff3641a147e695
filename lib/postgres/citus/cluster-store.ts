// What the coordinator of a Citus cluster says of itself and its nodes. Refuses a database that is none, and nodes that cannot
// take tenants, each in a line.
import type { Client } from 'pg'
import { StartError } from '../../errors/start-error.ts'
import { appRole } from '../app-role.ts'

/** Whether the tables of this database are distributed. */
export async function isDistributed(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `select to_regclass('pg_dist_partition') is not null and to_regclass('tenant') is not null as known`,
  )
  if (!rows[0]?.known) return false
  const found = await client.query(`select from pg_dist_partition where logicalrelid = 'tenant'::regclass`)
  return found.rows.length > 0
}

/** Refuses a node of Citus that is not the coordinator: only there tables can be made. */
export async function refuseWorker(client: Client, database: string): Promise<void> {
  const { rows } = await client.query(`select to_regclass('pg_dist_local_group') is not null as known`)
  if (!rows[0].known) return
  const { rows: groups } = await client.query('select groupid from pg_dist_local_group')
  if (groups.some(({ groupid }) => groupid !== 0))
    throw new StartError(`${database} is a worker of Citus: DATABASE_URL has to name the coordinator.`)
}

/** Refuses a database without the extension, and a cluster without workers. */
export async function requireCluster(client: Client, database: string): Promise<void> {
  const { rows } = await client.query(`select from pg_extension where extname = 'citus'`)
  if (rows.length === 0)
    throw new StartError(
      `${database} has no Citus: set shared_preload_libraries = 'citus', then create extension citus, on every node.`,
    )
  const nodes = await client.query(
    'select from pg_dist_node where isactive and shouldhaveshards and hasmetadata',
  )
  if (nodes.rows.length === 0)
    throw new StartError(`Citus has no node for tenants in ${database}: select citus_add_node('host', 5432).`)
}

/** Runs a command on every worker; StartError that names the first node that refuses it. */
export async function onWorkers(client: Client, command: string): Promise<void> {
  const { rows } = await client.query<{ nodename: string; nodeport: number; result: string }>(
    `select nodename, nodeport, result from run_command_on_workers($1) where not success`,
    [command],
  )
  const [failed] = rows
  if (failed === undefined) return
  throw new StartError(`The node ${failed.nodename}:${failed.nodeport} refuses: ${failed.result}`)
}

/** Refuses a cluster with a node that does not have the role that the server works as, or lets it not connect. */
export async function requireRoles(client: Client): Promise<void> {
  const { rows } = await client.query<{ nodename: string; nodeport: number }>(
    `select nodename, nodeport from run_command_on_workers(
       $$select count(*) from pg_roles where rolname = '${appRole}' and rolcanlogin$$) where result is distinct from '1'`,
  )
  const [node] = rows
  if (node === undefined) return
  throw new StartError(
    `The node ${node.nodename}:${node.nodeport} has no role ${appRole} that may log in: create role ${appRole} login.`,
  )
}
