// Who has left a note: host, process and, since process ids come again, this run of the program. A note whose writer is
// known to be gone need not be waited for.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { errorCode } from '../errors/codes.ts'

const INSTANCE = randomUUID()

const WRITER = /^(\S+) ([1-9]\d{0,9}) ([\w-]{1,40})$/

/** What this process signs its notes with. */
export const SIGNATURE = `${hostname()} ${process.pid} ${INSTANCE}`

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/** True when the writer certainly runs no more; of another host, or of a note cut short, nothing is known. */
export function isGone(signature: string): boolean {
  const [, host, pid, instance] = WRITER.exec(signature) ?? []
  if (host !== hostname()) return false
  return Number(pid) === process.pid ? instance !== INSTANCE : !isRunning(Number(pid))
}
