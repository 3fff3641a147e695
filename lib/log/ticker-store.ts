// The ticker: one process of all that share a node makes a tick soon after there are changes, and tells the others its number
// (NOTIFY univera_tick). Which one, the lock of a session decides; the others stand by and take over when its connection ends.
// What asks for it costs a few buffers; where nothing is logged, there is neither a connection nor a lock.
import type pg from 'pg'
import type { TenantDirectory } from '../db/tenant-directory.ts'

/** The lock's two numbers: apart from those of entities, which have one. */
const LOCK = '1970037345, 1'

/** Milliseconds between two looks at the log. */
const EVERY_MS = 100

/** Looks after which it is asked again whether anything is logged at all. */
const LOOKS = 50

export interface TickerContext {
  directory: Pick<TenantDirectory, 'call'>
  /** A connection of its own. */
  connect: () => Promise<pg.Client>
  pause: (ms: number) => Promise<void>
  isOver: () => boolean
}

/** Ticks for as long as this process is the one that does and anything is logged; returns at once where it is not. */
export async function tickWhileLogged(context: TickerContext): Promise<void> {
  if (!(await isAnythingLogged(context))) return
  const client = await context.connect()
  try {
    const { rows } = await client.query(`select pg_try_advisory_lock(${LOCK}) as mine`)
    if (!rows[0].mine) return
    while (!context.isOver() && (await isAnythingLogged(context))) await tickForAWhile(client, context)
  } finally {
    await client.end()
  }
}

async function isAnythingLogged({ directory }: TickerContext): Promise<boolean> {
  const [row] = await directory.call<{ logged: boolean }>('select is_anything_logged() as logged')
  return row?.logged === true
}

async function tickForAWhile(client: pg.Client, { pause, isOver }: TickerContext): Promise<void> {
  let last: string | undefined
  for (let looks = 0; looks < LOOKS && !isOver(); looks++) {
    const { rows } = await client.query<{ id: string }>('select id::text as id from make_tick()')
    const id = rows[0]?.id
    if (last !== undefined && id !== undefined && id !== last)
      await client.query("select pg_notify('univera_tick', $1)", [id])
    last = id
    await pause(EVERY_MS)
  }
}
