// Sets a record that is there back to an earlier version: an ordinary change of those fields that the caller may read and write,
// to the values that they had.
import { isDeepStrictEqual } from 'node:util'
import { errors } from '../../errors.ts'
import { foldBack } from '../../log/fold.ts'
import { amongIds, type RecordLog, readLogs } from '../../log/log-store.ts'
import type { Actor, RecordContext } from '../actor.ts'
import type { StoredRecord } from '../read/read-store.ts'
import type { StoredPatch } from '../stored-data.ts'
import { changeRecord, type WriteOptions } from '../update/update-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { requireHistory } from './log-horizon-store.ts'
import { pruneReferences } from './prune-references-store.ts'
import { violationsOf } from './restorable.ts'
import { MOST_CHANGES, versionIn } from './restore-store.ts'
import { visibleStates } from './visible-states-store.ts'

/** The log of a record that is there and that the caller may see; undefined: it is not. */
export async function logOfPresent(
  { db }: RecordContext,
  actor: Actor,
  id: string,
): Promise<RecordLog | undefined> {
  const { caller, entity, policy } = actor
  requireHistory(entity)
  const range = { ids: amongIds([id]), changes: () => 'true', limit: MOST_CHANGES }
  const [log] = await readLogs(db, caller.tenant, entity, range)
  if (log?.present == null) return undefined
  const judged = { scope: caller.tenant, entity, rows: policy.read }
  if (!(await visibleStates(db, judged, [log.present])).has(log.present)) throw errors.recordNotFound()
  return log
}

export interface SetBack extends Omit<WriteOptions, 'rollback'> {
  version: number
}

/** errors.versionNotFound, errors.forbidden, and what a change is refused with. */
export async function setBack(
  stores: RecordContext,
  actor: Actor,
  log: RecordLog,
  { version, ...options }: SetBack,
): Promise<{ record: StoredRecord; warnings: string[] }> {
  const { entity, policy } = actor
  if (policy.updateUsing === false)
    throw errors.forbidden(`the permission to update records of ${entity.name}`)
  const state = await versionIn(stores.db, actor, foldBack(log.present, log.changes), version)
  const { pruned, warnings } = await inTransaction(
    stores,
    actor,
    { entities: [entity], rollback: false },
    (tx) => pruneReferences(tx, actor, [{ state, version }]),
  )
  const data: StoredPatch = pruned[0]?.data ?? {}
  const fields = policy.settable.fields.filter(policy.readable)
  const now = log.present?.data ?? {}
  const changed = fields.filter(({ key }) => !isDeepStrictEqual(data[key] ?? null, now[key] ?? null))
  const patch = Object.fromEntries(changed.map(({ key }) => [key, data[key] ?? null]))
  const body = { data: patch, violations: violationsOf(changed, data, policy.readable) }
  const record = await changeRecord(stores, actor, log.id, { ...options, rollback: false, body })
  return { record, warnings }
}
