// The database of a server without DATABASE_URL: a real PostgreSQL below DATA_DIR. Comes in: the directory. Goes out:
// the URL of a server that only this Univera uses, kept running until stop(). One that a killed Univera left behind is
// taken over. Refuses a directory that a living Univera works on.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { reasonOf } from '../../errors/start-error.ts'
import type { Log } from '../../process/log.ts'
import { urlOf } from './address.ts'
import { type Cluster, clusterDirectory, filesOf, openCluster, readPassword } from './cluster.ts'
import { type ClaimOptions, claimServer, type ServerLock } from './exclusive-server.ts'
import { findPostmaster, signalPostmaster, stopPostmaster } from './postmaster.ts'

export interface EmbeddedOptions {
  dataDir: string
  log: Log
  /** PostgreSQL settings over the defaults. */
  settings?: Record<string, string>
  /** Gives the start up, leaving nothing running. */
  signal?: AbortSignal | undefined
}

export interface Embedded {
  /** A connection URL of its superuser. */
  url: string
  /** Shuts PostgreSQL down; statements that run are ended. It gets `patience` ms to write everything out. */
  stop(patience?: number): Promise<void>
  /** The same without waiting for it. */
  abandon(): void
}

/**
 * Starts (or takes over) the embedded PostgreSQL and keeps it running.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { dataDir, log, settings = {}, signal } = options
  const cluster = await openCluster(dataDir, log, signal)
  const claim = await claimServer(cluster, { log, settings, signal })
  await createDatabase(claim.session)
  const guard = keepRunning(cluster, claim, { log, settings, address: claim.address })
  return {
    url: urlOf(cluster, claim.address),
    async stop(patience = 5000) {
      const { pid } = await guard.release()
      await stopPostmaster(cluster, pid, patience)
    },
    abandon: () => signalPostmaster(cluster, guard.claim().pid, 'fast'),
  }
}

/** The URL of the embedded server that runs below this DATA_DIR, started by whomever; undefined when none runs. */
export async function findEmbedded(dataDir: string): Promise<string | undefined> {
  const directory = await clusterDirectory(dataDir)
  const { data } = filesOf(directory)
  const postmaster = await findPostmaster(data)
  const password = await readPassword(directory)
  return postmaster && password ? urlOf({ data, password }, postmaster.address) : undefined
}

/** Whether there is a database below this DATA_DIR, running or not. */
export async function hasEmbedded(dataDir: string): Promise<boolean> {
  return (await readPassword(await clusterDirectory(dataDir))) !== undefined
}

async function createDatabase(session: Client): Promise<void> {
  const { rowCount } = await session.query(`select from pg_database where datname = 'univera'`)
  if (rowCount === 0) await session.query('create database univera')
}

interface Guard {
  claim(): ServerLock
  /** Ends the watch; the claim that is left is to be stopped. */
  release(): Promise<ServerLock>
}

/** Claims the server again, starting it if need be, whenever the claim is lost before its release. */
function keepRunning(cluster: Cluster, first: ServerLock, options: ClaimOptions): Guard {
  let claim = first
  let released = false
  let reviving = Promise.resolve()
  const watch = () => {
    claim.session.once('end', () => {
      if (!released) reviving = revive()
    })
  }
  const revive = async () => {
    options.log.error('PostgreSQL ended unexpectedly; starting it again')
    for (let pause = 250; !released; pause = Math.min(pause * 2, 2000)) {
      try {
        claim = await claimServer(cluster, options)
        return watch()
      } catch (error) {
        options.log.error(`PostgreSQL does not start: ${reasonOf(error)}`)
        await sleep(pause)
      }
    }
  }
  watch()
  return {
    claim: () => claim,
    release: async () => {
      released = true
      await reviving
      return claim
    },
  }
}
