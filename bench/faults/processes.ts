// The processes of a running Univera, to be killed.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Breakage } from './run.ts'

/** The processes that serve (WORKERS above 1). */
export function workersOf(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/))
  return rows
    .filter(([, parent, ...args]) => Number(parent) === pid && args.join().includes('server.js'))
    .map(([pid]) => Number(pid))
}

/** The embedded PostgreSQL below this DATA_DIR. */
export function postmasterOf(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10)
}

export const killWorker = (serverPid: number): Breakage => ({
  name: 'a worker is killed',
  act: () => process.kill(workersOf(serverPid)[0] as number, 'SIGKILL'),
})

export const killPostgres = (dataDir: string): Breakage => ({
  name: 'PostgreSQL is killed',
  act: () => process.kill(postmasterOf(dataDir), 'SIGKILL'),
})

export const restartPostgres = (dataDir: string): Breakage => ({
  name: 'PostgreSQL is restarted',
  act: () => process.kill(postmasterOf(dataDir), 'SIGINT'),
})

/** All of them in the same moment. */
export const together = (...breakages: readonly Breakage[]): Breakage => ({
  name: breakages.map(({ name }) => name).join(', '),
  act: async () => {
    await Promise.all(breakages.map(({ act }) => act()))
  },
})
