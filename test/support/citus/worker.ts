// A worker of the test cluster, killed and started again: on this machine, as the user whom its data directory belongs to.
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { until } from '../until.ts'
import { query } from './cluster.ts'

const run = promisify(execFile)

/** Kills the PostgreSQL of that URL with SIGKILL; what starts it again. */
export async function killNode(url: string): Promise<() => Promise<void>> {
  const [at] = await query<{ data: string; binaries: string; pid: string }>(
    url,
    `select current_setting('data_directory') as data, (select setting from pg_config where name = 'BINDIR') as binaries,
       split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid`,
  )
  if (at === undefined) throw new Error('the node says nothing of itself')
  const { uid, gid } = await stat(at.data)
  process.kill(Number(at.pid), 'SIGKILL')
  return async () => {
    const options = ['-D', at.data, '-l', `${at.data}.log`, '-w', 'start']
    // Not before the last of its processes has ended.
    await until(() =>
      run(`${at.binaries}/pg_ctl`, options, { uid, gid, cwd: at.data }).then(
        () => true,
        () => false,
      ),
    )
  }
}
