// A PostgreSQL that is not the server's own: it knows its URL and nothing else. What breaks it here brings it back, too.
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseAddresses, urlOf } from '../../lib/postgres/embedded/address.ts'
import { openCluster } from '../../lib/postgres/embedded/cluster.ts'
import { claimServer } from '../../lib/postgres/embedded/exclusive-server.ts'
import { stopPostmaster } from '../../lib/postgres/embedded/postmaster.ts'
import { silentLog } from '../../lib/process/log.ts'
import { killPostgres, restartPostgres } from './processes.ts'
import type { Breakage } from './run.ts'

export interface External {
  /** For DATABASE_URL; over TCP, as to another machine. */
  url: string
  kill: Breakage
  restart: Breakage
  stop(): Promise<void>
}

/** @param away milliseconds until it is started again after it was broken */
export async function startExternal(dataDir: string, away: number): Promise<External> {
  const cluster = await openCluster(dataDir, silentLog)
  const address = (await chooseAddresses(cluster.data)).at(-1)
  if (address === undefined) throw new Error('there is no address to listen on')
  const start = () => claimServer(cluster, { log: silentLog, settings: {}, address })
  let claim = await start()
  await claim.session.query('create database univera')
  const returning = ({ name, act }: Breakage): Breakage => ({
    name: `${name}, ${away / 1000} s away`,
    act: async () => {
      await act()
      await sleep(away)
      claim = await start()
    },
  })
  return {
    url: urlOf(cluster, address),
    kill: returning(killPostgres(dataDir)),
    restart: returning(restartPostgres(dataDir)),
    stop: () => stopPostmaster(cluster, claim.pid, 5000),
  }
}
