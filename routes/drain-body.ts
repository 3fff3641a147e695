// Drains request bodies that are refused before they are read completely, and recognizes a lack of disk space.
import type { IncomingMessage } from 'node:http'

/** Milliseconds that a refused client may go on sending; many read the response only after they have sent all. */
const DRAIN_TIME = 30_000

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'])

/** Whether an error's code means that the server cannot store a body now. */
export const isNoRoom = (code: string): boolean => NO_ROOM.has(code)

/** Discards the rest of a refused body, so that the client gets to read the response. */
export function drain(raw: IncomingMessage): void {
  const timer = setTimeout(() => raw.destroy(), DRAIN_TIME).unref()
  raw.once('close', () => clearTimeout(timer))
  raw.unpipe()
  raw.resume()
}
