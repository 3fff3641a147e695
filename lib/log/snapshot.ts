// PostgreSQL's snapshots as text, `xmin:xmax:xip,..`: which transactions had ended by then. Pure.

export interface Snapshot {
  text: string
  /** The first transaction that had not begun. */
  xmax: string
  /** Those under way. */
  running: string[]
}

export function parseSnapshot(text: string): Snapshot {
  const [, xmax = '', running = ''] = text.split(':')
  return { text, xmax, running: running === '' ? [] : running.split(',') }
}
