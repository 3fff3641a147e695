// The address that a request comes from, as limits and the audit log take it.
import { isIP } from 'node:net'

interface Addressed {
  /** The client's by X-Forwarded-For, as far as the proxies in front are trusted; any text, since a client may write it. */
  ip: string
  socket: { remoteAddress?: string | undefined }
}

/** An IP address: the forwarded one where it is one, else that of the connection. */
export function clientAddress({ ip, socket }: Addressed): string {
  return isIP(ip) > 0 ? ip : (socket.remoteAddress ?? '')
}
