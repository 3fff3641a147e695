// One Univera on a database of its own, with what its start and its memory cost, from /proc (Linux); and the server
// written by hand beside it.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { type Cpu, cpuOf, cpuOfProcess, total } from '../cpu.ts'
import { workersOf } from '../faults/processes.ts'
import { connect, SECRET_KEY, start, stopping } from '../servers.ts'
import { readOwners, seedThings } from './things.ts'
import { type Place, readPlaces } from './world.ts'

/** What requests are sent to. */
export interface Target {
  url: string
  places: Place[]
  large: Place
  database: pg.Client
  /** CPU microseconds of all its processes and of its database so far. */
  cpu(): Promise<Cpu>
  stop(): Promise<void>
}

export interface Server extends Target {
  /** How many entities there are. */
  entities: number
  /** MB that the process has in memory, and the most it ever had. */
  memory(): Promise<{ now: number; peak: number }>
  startup: { milliseconds: number; cpu: number }
}

export interface ServerOptions {
  port: number
  dataDir: string
  workers?: number
}

export async function startServer(databaseUrl: string, options: ServerOptions): Promise<Server> {
  const { port, dataDir, workers = 1 } = options
  const database = await connect(databaseUrl)
  const places = await readPlaces(database, SECRET_KEY)
  const url = `http://127.0.0.1:${port}`
  const began = performance.now()
  const child = start('../server.js', {
    DATABASE_URL: databaseUrl,
    SECRET_KEY,
    PORT: String(port),
    DATA_DIR: dataDir,
    ADMIN_PASSWORD: 'for the benchmark alone',
    WORKERS: String(workers),
  })
  await untilReady(child, url)
  const milliseconds = performance.now() - began
  const cpu = async () => {
    const cpu = await cpuOf(child.pid as number, database)
    const workers = await Promise.all(workersOf(child.pid as number).map(cpuOfProcess))
    return { ...cpu, server: workers.reduce((sum, one) => sum + one, cpu.server) }
  }
  const stop = stopping(child, database)
  const large = places.pop() as Place
  const startup = { milliseconds, cpu: total(await cpu()) }
  const memory = () => memoryOf(child.pid as number)
  return { entities: places.length, url, places, large, database, cpu, memory, startup, stop }
}

/** The server written by hand, on the same database. */
export async function startByHand(databaseUrl: string, port: number): Promise<Target> {
  const database = await connect(databaseUrl)
  await seedThings(database)
  const places = await readOwners(database, SECRET_KEY)
  const child = start('./scale/by-hand.js', { DATABASE_URL: databaseUrl, SECRET_KEY, PORT: String(port) })
  await once(child, 'message')
  return {
    url: `http://127.0.0.1:${port}`,
    large: places.pop() as Place,
    places,
    database,
    cpu: () => cpuOf(child.pid as number, database),
    stop: stopping(child, database),
  }
}

export async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const isReady = () =>
    fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    await sleep(10)
  }
}

async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') }
}
