// Brings a deleted record back, as it was, or with all that was deleted in the same transaction. An ordinary write: rules, unique
// values and quotas hold, and references that lead nowhere by now are left out.
import { recordAudit } from '../../audit/audit-store.ts'
import type { Parameters } from '../../db/parameters.ts'
import type { Transaction } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import { foldBack, type LoggedChange, stateBefore } from '../../log/fold.ts'
import { amongIds, IS_LAST_DELETION, readChanges, readLogs } from '../../log/log-store.ts'
import type { RecordState } from '../../log/record-state.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { insertAllowed } from '../create/insert-writer-store.ts'
import type { ReturnPlan } from '../return-plan.ts'
import { columnsOf } from '../write/column-changes.ts'
import { explainConflict } from '../write/explain-store.ts'
import { targetIds } from '../write/new-records-store.ts'
import { withSavepoint } from '../write/savepoint-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { storesWithin } from '../write/transaction-stores.ts'
import { writeContext } from '../write/write-context.ts'
import type { NewRecord, WrittenRow } from '../write/written-row.ts'
import { actorOn, cascadeOf } from './cascade-restore-store.ts'
import { requireHistory } from './log-horizon-store.ts'
import { pruneReferences } from './prune-references-store.ts'
import { violationsOf } from './restorable.ts'
import { inOrder, type Returning } from './restore-plan.ts'
import { visibleStates } from './visible-states-store.ts'

export interface Restoration {
  id: string
  /** The version that it is to have the values of; absent: the last. */
  version?: number | undefined
  /** Whether all that was deleted in the same transaction comes back. */
  cascade: boolean
  answer: ReturnPlan
}

export interface Restored {
  row: WrittenRow
  /** What could not be restored, in words. */
  warnings: string[]
}

/** errors.recordNotFound, errors.recordExists, errors.versionNotFound, errors.forbidden, and what an insert is refused with. */
export async function restoreRecord(
  stores: RecordContext,
  actor: Actor,
  restoration: Restoration,
): Promise<Restored> {
  const { entity, policy, caller } = actor
  requireHistory(entity)
  const deletion = await findDeletion(stores, actor, restoration.id)
  if (policy.create === false) throw errors.forbidden(`the permission to create records of ${entity.name}`)
  const state = await stateToRestore(stores, actor, deletion, restoration.version)
  const root: Returning = { entity, records: [{ state, version: deletion.version + 1 }] }
  const groups = restoration.cascade ? await cascadeOf(stores, actor, deletion, root) : [root]
  const entities = groups.map((group) => group.entity)
  return inTransaction(stores, actor, { entities, rollback: false }, async (tx) => {
    const warnings: string[] = []
    let row: WrittenRow | undefined
    for (const group of inOrder(groups)) {
      const written = await bringBack(stores, tx, { actor: actorOn(actor, group.entity), group, restoration })
      warnings.push(...written.warnings)
      row ??= written.rows.find(({ id }) => id === restoration.id)
    }
    const details = { id: restoration.id, records: groups.reduce((sum, one) => sum + one.records.length, 0) }
    await recordAudit(tx, caller, { action: 'records.restore', target: entity.name, details })
    return { row: row as WrittenRow, warnings }
  })
}

/** The change that has deleted the record; only for who could have deleted it himself. */
async function findDeletion({ db }: RecordContext, actor: Actor, id: string): Promise<LoggedChange> {
  const { caller, entity, policy } = actor
  const where = (p: Parameters) => `c.id = ${p.add(id)} and ${IS_LAST_DELETION}`
  const [deletion] = await readChanges(db, caller.tenant, entity, { where, limit: 1 })
  const state = deletion && (stateBefore(null, deletion) as RecordState)
  const judged = { scope: caller.tenant, entity, rows: policy.delete }
  if (deletion === undefined || state === undefined) throw errors.recordNotFound()
  if (!(await visibleStates(db, judged, [state])).has(state)) throw errors.recordNotFound()
  return deletion
}

async function stateToRestore(
  { db }: RecordContext,
  actor: Actor,
  deletion: LoggedChange,
  version: number | undefined,
): Promise<RecordState> {
  const last = stateBefore(null, deletion) as RecordState
  if (version === undefined || version === last.version) return last
  const { caller, entity } = actor
  const [log] = await readLogs(db, caller.tenant, entity, {
    ids: amongIds([deletion.id]),
    changes: () => 'true',
    limit: MOST_CHANGES,
  })
  return versionIn(db, actor, foldBack(null, log?.changes ?? []), version)
}

/** Changes that are read to find a version. */
export const MOST_CHANGES = 200_000

/** The newest state of that version; errors.versionNotFound when the caller could not see it. */
export async function versionIn(
  db: RecordContext['db'],
  { caller, entity, policy }: Actor,
  steps: Iterable<{ before: RecordState | null }>,
  version: number,
): Promise<RecordState> {
  for (const { before } of steps) {
    if (before?.version !== version) continue
    const seen = await visibleStates(db, { scope: caller.tenant, entity, rows: policy.read }, [before])
    if (seen.has(before)) return before
    break
  }
  throw errors.versionNotFound(String(version), 'the record')
}

interface BringingBack {
  actor: Actor
  group: Returning
  restoration: Restoration
}

async function bringBack(
  stores: RecordContext,
  tx: Transaction,
  { actor, group, restoration }: BringingBack,
) {
  const { entity, policy } = actor
  const { pruned, warnings } = await pruneReferences(tx, actor, group.records)
  const targets = await targetIds(stores, actor)
  const now = new Date().toISOString()
  const violations = pruned.flatMap(({ data }) => violationsOf(entity.fields, data, policy.readable))
  if (violations.length > 0) throw errors.invalidBody(violations)
  const records = pruned.map(({ data, record: { state, version } }): NewRecord => {
    const origin = { version, made_by: state.createdBy }
    return { ...columnsOf(entity, data, targets), ...timesOf(state, now), id: state.id, origin }
  })
  const context = writeContext(actor, restoration.answer)
  const rows = await withSavepoint(
    tx,
    () => insertAllowed(tx, actor, context, records),
    (error) => explainConflict(storesWithin(stores, tx), context, records, error),
  )
  return { rows, warnings }
}

const timesOf = ({ createdAt }: RecordState, now: string) => ({ createdAt, updatedAt: now })
