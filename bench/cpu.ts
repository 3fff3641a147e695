// CPU time of processes, from /proc (Linux): what a request costs says more on a shared machine than how many a second.
import { readFile } from 'node:fs/promises'
import type pg from 'pg'

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const MICROSECONDS_PER_TICK = 10_000

/** CPU microseconds that a process has used so far; 0 when it is gone. */
export async function cpuOfProcess(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return 0
  // The second field, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK
}

/** CPU microseconds used so far: by a server's process, and by the backends of its database. */
export interface Cpu {
  server: number
  database: number
}

export const total = ({ server, database }: Cpu): number => server + database

/** What each backend of a database had used when it was last seen: one that has ended since still counts. */
const backendsOf = new WeakMap<pg.Client, Map<number, number>>()

export async function cpuOf(serverPid: number, database: pg.Client): Promise<Cpu> {
  const text = `select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`
  const { rows } = await database.query<{ pid: number }>(text)
  const backends = backendsOf.get(database) ?? new Map<number, number>()
  backendsOf.set(database, backends)
  for (const { pid } of rows) backends.set(pid, Math.max(await cpuOfProcess(pid), backends.get(pid) ?? 0))
  return {
    server: await cpuOfProcess(serverPid),
    database: [...backends.values()].reduce((sum, one) => sum + one, 0),
  }
}
