// Who may read the metrics: whoever sends the token, compared in constant time; everyone where there is none.
import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Whether an Authorization header shows the token; without a token nothing has to be shown. */
export function maySeeMetrics(token: string | undefined, header: string | undefined): boolean {
  if (token === undefined) return true
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? []
  // Of equal length, whatever was sent.
  return timingSafeEqual(digest(given), digest(token))
}
