// Several processes that serve one port (WORKERS). Comes in: what each needs to know. They are replaced when they die
// and told to close by SIGTERM alone: a Ctrl-C reaches them as well, and must not be the second one. Refuses to go on
// when a worker ends before any has listened; later that is an outage, and it is tried again.
import type { ChildProcess } from 'node:child_process'
import cluster, { type Worker } from 'node:cluster'
import { StartError } from '../errors/start-error.ts'
import { closeLostHandovers } from './handovers.ts'
import type { Log } from './log.ts'

const variable = 'UNIVERA_WORKER'

export interface Workers {
  /** Rejects when the first workers cannot start. */
  failed: Promise<never>
  close(): Promise<void>
  abandon(): void
}

export interface WorkerOptions {
  /** What each worker needs to know. */
  given: object
  log: Log
  /** Takes in each worker that is forked. */
  workersMetrics: { add(worker: ChildProcess): void }
}

/** Milliseconds before another try to replace a worker that has ended before it listened. */
const RETRY_AFTER = 1000

/** Forks the workers and keeps their number. */
export function startWorkers(count: number, { given, log, workersMetrics }: WorkerOptions): Workers {
  const workers = new Set<Worker>()
  let closing = false
  let served = false
  let fail: (error: Error) => void
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  const retry = () => {
    if (!closing) fork()
  }
  const fork = () => {
    const worker = cluster.fork({ [variable]: JSON.stringify(given) })
    let listened = false
    closeLostHandovers(worker.process)
    workersMetrics.add(worker.process)
    workers.add(worker)
    worker.on('listening', () => {
      listened = true
      served = true
    })
    worker.on('exit', (code, signal) => {
      workers.delete(worker)
      if (closing) return
      log.error(`Worker ${worker.process.pid} ended (${signal ?? `exit code ${code}`})`)
      if (listened) fork()
      else if (served) setTimeout(retry, RETRY_AFTER)
      else fail(new StartError('A worker could not start.'))
    })
  }
  for (let i = 0; i < count; i++) fork()
  return {
    failed,
    async close() {
      closing = true
      await Promise.all([...workers].map(endOf))
    },
    abandon() {
      for (const worker of workers) worker.process.kill('SIGKILL')
    },
  }
}

function endOf(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve())
    worker.process.kill('SIGTERM')
  })
}

/** What the first process has given to this worker; undefined in the first process. */
export function givenToWorker<T>(): T | undefined {
  const text = cluster.isWorker ? process.env[variable] : undefined
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

/** Whether this process is the one that says what is true of all: the only one, or the first worker. */
export function isFirstWorker(): boolean {
  return cluster.isPrimary || cluster.worker?.id === 1
}

/** Calls back when the first process is gone, however it went. */
export function onOrphaned(callback: () => void): void {
  process.once('disconnect', callback)
}
