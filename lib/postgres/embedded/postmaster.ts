// The running PostgreSQL of a cluster: found by its postmaster.pid, started in a session of its own (a Ctrl-C in the
// terminal must not reach it before we have finished), stopped by a fast shutdown. Refuses nothing; says what is so.

import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../errors/codes.ts'
import { programEnvironment } from './binaries.ts'
import { type Cluster, dataPath } from './cluster.ts'

/** Where a server listens: a socket inside its data directory, or a port of the loopback address. */
export interface Address {
  socket: boolean
  port: number
}

export interface Postmaster {
  pid: number
  address: Address
}

/** Names the directory in the command line, so that a process can be told from one that got an old pid. */
const mark = 'univera.directory='

/** The PostgreSQL that runs on this data directory; undefined when none does, or none listens yet. */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
  const [line, , , port, socketDirectory, ...whenListening] = text.split('\n')
  const pid = Number(line)
  if (!(pid > 0) || whenListening.length < 2 || !(await isPostmaster(pid, data))) return undefined
  return { pid, address: { socket: socketDirectory !== '', port: Number(port) } }
}

/** Whether this process is the PostgreSQL of this directory; one that has ended and waits to be reaped is not. */
export async function isPostmaster(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return command === undefined || command.split('\0').includes(mark + data)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/**
 * Starts PostgreSQL; it is not ready yet when this returns.
 *
 * @param settings configuration over the defaults
 */
export async function launch(
  cluster: Cluster,
  address: Address,
  settings: Record<string, string>,
): Promise<ChildProcess> {
  const { data, owner, binaries } = cluster
  await removeMisleadingLocks(data, address)
  const log = await openLog(cluster)
  const options = Object.entries({ ...defaults(address), ...settings }).map(
    ([name, value]) => `${name}=${value}`,
  )
  const args = ['-D', dataPath(data, owner), ...[...options, mark + data].flatMap((option) => ['-c', option])]
  try {
    const stdio = ['ignore', log.fd, log.fd] as const
    const child = spawn(binaries.postgres, args, {
      ...owner,
      cwd: data,
      env: programEnvironment(),
      detached: true,
      stdio: [...stdio],
    })
    child.on('error', () => {})
    child.unref()
    return child
  } finally {
    await log.close()
  }
}

/** After a crash a stranger may have the old pid; PostgreSQL would take it for a server that still runs. */
async function removeMisleadingLocks(data: string, { port }: Address): Promise<void> {
  for (const name of ['postmaster.pid', `.s.PGSQL.${port}.lock`]) {
    const pid = Number.parseInt(await readFile(join(data, name), 'utf8').catch(() => ''), 10)
    if (pid > 0 && isAlive(pid) && !(await isPostmaster(pid, data)))
      await rm(join(data, name), { force: true })
  }
}

function defaults({ socket, port }: Address): Record<string, string> {
  return {
    listen_addresses: socket ? '' : '127.0.0.1',
    unix_socket_directories: socket ? '.' : '',
    unix_socket_permissions: '0700',
    port: String(port),
    max_connections: '100',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    random_page_cost: '1.1',
    jit: 'off',
    // A statement that fails is the server's to report; here it would repeat the users' data.
    log_min_messages: 'log',
    log_checkpoints: 'off',
  }
}

async function openLog({ logFile, owner }: Cluster): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC, O_NOFOLLOW = 0 } = constants
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  )
  const log = await open(
    logFile,
    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | (size > 10_000_000 ? O_TRUNC : 0),
    0o600,
  )
  if (owner) await log.chown(owner.uid, owner.gid)
  return log
}

/** Ends PostgreSQL: connections at once (fast), and after `patience` ms without its closing work (immediate). */
export async function stopPostmaster(cluster: Cluster, pid: number, patience: number): Promise<void> {
  const deadline = Date.now() + patience
  for (let told = false; await isPostmaster(pid, cluster.data); told = true) {
    if (!told) signalPostmaster(cluster, pid, 'fast')
    else if (Date.now() > deadline) signalPostmaster(cluster, pid, 'immediate')
    await sleep(20)
  }
}

/** Tells PostgreSQL to stop: in order, or leaving the rest to the recovery at its next start. */
export function signalPostmaster({ binaries, data }: Cluster, pid: number, mode: 'fast' | 'immediate'): void {
  if (process.platform === 'win32') {
    spawn(binaries.pg_ctl, ['stop', '-D', data, '-m', mode], { stdio: 'ignore' }).unref()
    return
  }
  try {
    process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
  } catch {
    // It has ended by itself.
  }
}
