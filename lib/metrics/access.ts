// Access to the metrics: by the token, compared in constant time; open to everyone where none is set.
import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Whether an Authorization header shows the token; without a token nothing has to be shown. */
export function maySeeMetrics(token: string | undefined, header: string | undefined): boolean {
  if (token === undefined) return true
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? []
  // Of equal length, whatever was sent.
  return timingSafeEqual(digest(given), digest(token))
}
