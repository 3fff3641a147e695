// The decisions of an upsert, row by row: which record it meets, whether it may be changed, what is inserted instead.

import { mapYielding } from '../../concurrency/yielding-map.ts'
import { requireClient } from '../../db/while-awaited.ts'
import type { UniqueConstraint } from '../../entities/entity.ts'
import type { Actor } from '../actor.ts'
import { mergedRecord, type TargetIds } from '../write/column-changes.ts'
import type { CurrentRecord } from '../write/lock-store.ts'
import { addedLinks } from '../write/visible-references-store.ts'
import type { NewRecord } from '../write/written-row.ts'
import { withOwnTimes } from './own-times.ts'
import type { IncomingRecord, MergeOptions, RowWrite } from './row.ts'
import {
  refuseImplausibleIds,
  refuseIncomplete,
  refuseOthers,
  refuseRepeatedValues,
  requireChangeable,
} from './upsert-refusals.ts'

interface Rows {
  actor: Actor
  targets: TargetIds
  options: MergeOptions
  rows: readonly IncomingRecord[]
  fresh: readonly NewRecord[]
}

/** What finds the record that a row meets; null: it meets none. */
export function identify(
  { id, slots }: Pick<NewRecord, 'id' | 'slots'>,
  target: UniqueConstraint | null,
): string | null {
  return target === null ? id : (slots[`u${target.slot}`] ?? null)
}

/**
 * The records to insert and those to update; rows that are to be ignored are in neither.
 *
 * @param allowed ids of the met records that the caller may ignore, or merge into
 */
export async function divide(
  { actor, targets, options, rows, fresh }: Rows,
  met: ReadonlyMap<string, CurrentRecord>,
  allowed: ReadonlySet<string>,
) {
  const { target, resolution } = options
  const identified = fresh.map((record, at) => {
    return { record, at, links: record.links, identity: identify(record, target) }
  })
  const meeting = identified.flatMap(({ at, identity }) => {
    const current = met.get(identity ?? '')
    return current === undefined ? [] : [{ current, at }]
  })
  const missing = identified.filter(({ identity }) => !met.has(identity ?? ''))
  const others = meeting.filter(({ current }) => !allowed.has(current.id))
  if (resolution === 'change-existing') requireChangeable(actor, target, missing, others)
  else refuseOthers(actor, target, others)
  const merging = resolution === 'ignore-duplicates' ? [] : meeting
  const merge = ({ current, at }: (typeof merging)[number]): RowWrite => {
    const { given } = rows[at] as IncomingRecord
    const links = addedLinks(actor, current.data, given, targets)
    return { record: mergedRecord(actor.entity, current, given, targets), at, links }
  }
  const updates = await mapYielding(merging, merge, () => requireClient(actor))
  const inserts = firstOfEach(missing)
  refuseImplausibleIds(inserts, rows)
  refuseIncomplete(inserts, rows)
  const changed = new Set(updates.map(({ at }) => at))
  const keeps = (at: number, { keys }: UniqueConstraint) =>
    changed.has(at) && !keys.some((key) => Object.hasOwn(rows[at]?.given ?? {}, key))
  refuseRepeatedValues(actor, [...inserts, ...updates], keeps)
  return { inserts: withOwnTimes(actor.entity, inserts, rows), updates }
}

/** Of rows that are to be ignored when they meet a record the first makes it. */
function firstOfEach(rows: readonly (RowWrite & { identity: string | null })[]): RowWrite[] {
  const seen = new Set<string>()
  return rows.filter(({ identity }) => {
    if (identity === null) return true
    const isFirst = !seen.has(identity)
    seen.add(identity)
    return isFirst
  })
}
