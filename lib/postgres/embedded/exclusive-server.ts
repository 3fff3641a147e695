// Makes one PostgreSQL run on a cluster and belong to this process alone. The claim is an advisory lock held by an open
// session: when this process dies, however it dies, PostgreSQL lets go of it. Refuses a cluster with a living holder.

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { errorCode } from '../../errors/codes.ts'
import { reasonOf, StartError } from '../../errors/start-error.ts'
import type { Log } from '../../process/log.ts'
import { chooseAddresses, connectionOf } from './address.ts'
import type { Cluster } from './cluster.ts'
import {
  type Address,
  findPostmaster,
  isPostmaster,
  launch,
  type Postmaster,
  stopPostmaster,
} from './postmaster.ts'

export interface ServerLock {
  pid: number
  address: Address
  /** Holds the lock; its end means that the claim is lost. */
  session: pg.Client
}

export interface ClaimOptions {
  log: Log
  /** PostgreSQL settings over the defaults. */
  settings: Record<string, string>
  /** Where it has to listen; chosen when absent. */
  address?: Address
  /** Ends the attempts, and what they have started. */
  signal?: AbortSignal | undefined
}

const lockKey = '8431905520160'

/**
 * Finds the running server or starts one, and takes its lock.
 */
export async function claimServer(cluster: Cluster, options: ClaimOptions): Promise<ServerLock> {
  const { signal } = options
  let started: Postmaster | undefined
  try {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      const found = await findPostmaster(cluster.data)
      if (found === undefined) started = await startServer(cluster, options, attempt)
      const claim = await claimOne(cluster, found ?? started, options)
      if (claim) return claim
      // It ended between two looks, or another start was quicker: look again.
      await sleep(100 * Math.min(attempt, 5))
    }
  } catch (error) {
    if (started && error === signal?.reason) await stopPostmaster(cluster, started.pid, 2000)
    throw error
  }
}

async function claimOne(
  cluster: Cluster,
  postmaster: Postmaster | undefined,
  options: ClaimOptions,
): Promise<ServerLock | undefined> {
  if (postmaster === undefined) return undefined
  const session = await connectWhenReady(cluster, postmaster, options)
  if (session === undefined) return undefined
  await lock(session, cluster)
  return { ...postmaster, session }
}

/** What passes: the remains of a server that was killed, or another start that was quicker. */
const passing = /lock file|shared memory/i

/** Some file systems (shared folders of virtual machines) cannot hold a socket. */
const noSocket = /Unix.domain socket/i

/** Starts a server; undefined when it is worth looking again. */
async function startServer(
  cluster: Cluster,
  options: ClaimOptions,
  attempt: number,
): Promise<Postmaster | undefined> {
  const addresses = options.address ? [options.address] : await chooseAddresses(cluster.data)
  let said = ''
  for (const address of addresses) {
    const { pid } = await launch(cluster, address, options.settings)
    if (pid !== undefined && (await staysUp(cluster, pid))) return { pid, address }
    said = await lastLines(cluster.logFile)
    if (!noSocket.test(said)) break
  }
  if (attempt < (passing.test(said) ? 20 : 2)) return undefined
  throw new StartError(`PostgreSQL does not start in ${cluster.data}:\n${said}`)
}

/** Whether it gets as far as listening; what it refuses (locks, sockets, settings) it refuses before that. */
async function staysUp(cluster: Cluster, pid: number): Promise<boolean> {
  while (await isPostmaster(pid, cluster.data)) {
    if ((await findPostmaster(cluster.data))?.pid === pid) return true
    await sleep(20)
  }
  return false
}

/** The last lines of PostgreSQL's own log, for the message of a failure. */
async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-5).join('\n')
}

async function connectWhenReady(
  cluster: Cluster,
  { pid, address }: Postmaster,
  { log, signal }: ClaimOptions,
): Promise<pg.Client | undefined> {
  const since = Date.now()
  const notice = setTimeout(
    () => log.info('PostgreSQL is still starting: after a crash it recovers first'),
    3000,
  )
  try {
    while (await isPostmaster(pid, cluster.data)) {
      const session = await openSession(cluster, address).catch((error) => {
        if (!passes(error, Date.now() - since)) throw unreachable(cluster, pid, error)
      })
      if (session) return session
      signal?.throwIfAborted()
      await sleep(30)
    }
    return undefined
  } finally {
    clearTimeout(notice)
  }
}

async function openSession(cluster: Cluster, address: Address): Promise<pg.Client> {
  const name = { database: 'postgres', application_name: `univera ${process.pid}` }
  const session = new pg.Client({ ...connectionOf(cluster, address), ...name })
  // Its end is what counts, and the holder of the claim awaits that.
  session.on('error', () => {})
  await session.connect()
  return session
}

/** Recovery may take long and says so; silence may not. */
function passes(error: unknown, waited: number): boolean {
  const code = errorCode(error)
  return code === '57P03' || (['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(code) && waited < 30_000)
}

function unreachable(cluster: Cluster, pid: number, error: unknown): StartError {
  return new StartError(
    `PostgreSQL (pid ${pid}) runs in ${cluster.data} but cannot be used: ${reasonOf(error)}. Stop it and start again.`,
    { cause: error },
  )
}

/** Patient for a moment: of a Univera that was just killed, PostgreSQL may not have noticed yet. */
async function lock(session: pg.Client, cluster: Cluster): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { rows } = await session.query('select pg_try_advisory_lock($1) as taken', [lockKey])
    if (rows[0].taken) return
    await sleep(100)
  }
  const holder = await holderOf(session)
  await session.end()
  throw new StartError(
    `Another Univera (${holder}) uses the database in ${cluster.data}: stop it, or give this one a DATA_DIR of its own.`,
  )
}

async function holderOf(session: pg.Client): Promise<string> {
  const { rows } = await session.query(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32 | l.objid::bigint) = $1`,
    [lockKey],
  )
  return rows[0]?.name.replace('univera', 'pid') ?? 'just ended'
}
