// Memory of a running server, from /proc (Linux): the process itself, its PostgreSQL with all backends, and the bodies that it
// keeps in unnamed temporary files.
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export const MEBIBYTE = 2 ** 20

/** Bytes. */
export interface Memory {
  /** Resident set of the server's process. */
  server: number
  /** Proportional sets of PostgreSQL's processes, summed. */
  postgres: number
  /** Temporary files of the server that are open. */
  spooled: number
}

const LOOK_EVERY = 250

const readOrEmpty = (path: string) => readFile(path, 'utf8').catch(() => '')

const kilobytes = (text: string, name: string): number =>
  1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readOrEmpty(`/proc/${pid}/task/${pid}/children`)
  return text.split(' ').filter(Boolean).map(Number)
}

async function postgresBytes(postmaster: number): Promise<number> {
  const pids = [postmaster, ...(await childrenOf(postmaster))]
  const texts = await Promise.all(pids.map((pid) => readOrEmpty(`/proc/${pid}/smaps_rollup`)))
  return texts.reduce((sum, text) => sum + kilobytes(text, 'Pss'), 0)
}

async function spooledBytes(pid: number): Promise<number> {
  const directory = `/proc/${pid}/fd`
  let bytes = 0
  for (const fd of await readdir(directory).catch(() => [])) {
    const target = await readlink(`${directory}/${fd}`).catch(() => '')
    if (!target.includes('/.spool/')) continue
    bytes += await stat(`${directory}/${fd}`).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return bytes
}

/** Looks again and again until the signal; the most that was seen of each. */
export async function watchMemory(server: number, postmaster: number, signal: AbortSignal): Promise<Memory> {
  const most: Memory = { server: 0, postgres: 0, spooled: 0 }
  while (!signal.aborted) {
    const status = await readOrEmpty(`/proc/${server}/status`)
    most.server = Math.max(most.server, kilobytes(status, 'VmRSS'))
    most.postgres = Math.max(most.postgres, await postgresBytes(postmaster))
    most.spooled = Math.max(most.spooled, await spooledBytes(server))
    await sleep(LOOK_EVERY)
  }
  return most
}
