// The states of all records, as they are and folded back by the log.
import type pg from 'pg'
import { type LoggedChange, stateBefore } from '../../../lib/log/fold.ts'
import type { RecordState } from '../../../lib/log/record-state.ts'

/** By record id. */
export type States = Record<string, RecordState>

export async function statesNow(client: pg.Client): Promise<States> {
  const { rows } = await client.query<RecordState>(
    `select id, version, created_at::text as "createdAt", updated_at::text as "updatedAt",
       created_by as "createdBy", updated_by as "updatedBy", data from record where entity_id <> 0 order by id`,
  )
  return Object.fromEntries(rows.map((row) => [row.id, row]))
}

/** Newest first. */
export const CHANGE_ROWS = `select id, seq, version, op, was, was_at::text as "wasAt", was_by as "wasBy",
  made_at::text as "madeAt", made_by as "madeBy", schema, actor, at::text as at from change order by seq desc`

/** The states when only the changes up to this one had been made. */
export function foldTo(present: States, changes: readonly LoggedChange[], seq: bigint): States {
  const states: Record<string, RecordState | null> = { ...present }
  for (const change of changes) {
    if (BigInt(change.seq) <= seq) break
    const before = stateBefore(states[change.id] ?? null, change)
    if (before === undefined) throw new Error(`the change ${change.seq} does not lead to the state`)
    states[change.id] = before
  }
  const there = Object.entries(states).filter(([, state]) => state !== null) as [string, RecordState][]
  return Object.fromEntries(there.sort(([one], [other]) => (one < other ? -1 : 1)))
}
