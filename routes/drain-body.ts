// What routes that take large bodies have in common: the end of a body that was refused before it was read to its end.
import type { IncomingMessage } from 'node:http'

/** Milliseconds that a client may go on sending after it has been refused; it may not read before it has sent all. */
const DRAIN_TIME = 30_000

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'])

/** Whether the code of an error says that the server has no room for a body now. */
export const isNoRoom = (code: string): boolean => NO_ROOM.has(code)

/** Lets the rest of a refused body pass by, so that the client gets to reading the answer. */
export function drain(raw: IncomingMessage): void {
  const timer = setTimeout(() => raw.destroy(), DRAIN_TIME).unref()
  raw.once('close', () => clearTimeout(timer))
  raw.unpipe()
  raw.resume()
}
