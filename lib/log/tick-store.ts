// Ticks: the moments between which changes are read. A tick is a snapshot of PostgreSQL's; the changes of a batch are visible in
// its second tick and not in its first, so none is missed and none comes twice, however long transactions take. Ticks belong to
// one node, as its transactions do: their numbers begin somewhere of their own, and one of another node is not found.
import type { TenantDirectory } from '../db/tenant-directory.ts'
import type { Snapshot } from './snapshot.ts'
import { parseSnapshot } from './snapshot.ts'

export interface Tick {
  id: string
  snapshot: Snapshot
  /** Unix, in milliseconds. */
  at: number
}

type Directory = Pick<TenantDirectory, 'call'>

interface TickRow {
  id: string
  snap: string
  at: number
}

const TICK = 'id::text as id, snap::text as snap, (extract(epoch from at) * 1000)::float8 as at'

const toTick = ({ id, snap, at }: TickRow): Tick => ({ id, snapshot: parseSnapshot(snap), at })

/** The last tick: a new one if there are changes that the last has not. */
export async function presentTick(directory: Directory): Promise<Tick> {
  const [row] = await directory.call<TickRow>(`select ${TICK} from make_tick()`)
  return toTick(row as TickRow)
}

/** Changes of all tenants between two ticks of one batch, where there are ticks in between. */
const BATCH = 20_000

/** A tick and a later one, not too far from it; without the second where it is the last, empty where it is gone. */
export async function ticksFrom(directory: Directory, id: string): Promise<Tick[]> {
  const rows = await directory.call<TickRow>(`select ${TICK} from ticks_from($1, $2)`, [id, BATCH])
  return rows.map(toTick)
}

/** The ticks of these ids, as far as they are there. */
export async function ticksOf(directory: Directory, ids: readonly string[]): Promise<Tick[]> {
  const rows = await directory.call<TickRow>(`select ${TICK} from ticks_of($1)`, [ids])
  return rows.map(toTick)
}

/** Where a dump of another server has been restored, its ticks go, before any is made here. */
export async function forgetForeignTicks(directory: Directory): Promise<void> {
  await directory.call('select forget_foreign_ticks()')
}
