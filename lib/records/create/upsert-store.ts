// Upsert inside a transaction: each row that meets a record on the conflict target is merged into it or ignored, the
// others are inserted. Records that are met are locked first; when another writer inserts one meanwhile, it is met then.
// https://docs.postgrest.org/en/stable/references/api/tables_views.html#upsert

import { stillMatches } from '../../access/policy.ts'
import { violatedConstraint } from '../../db/constraints.ts'
import type { Transaction } from '../../db/statement.ts'
import { derive } from '../../entities/derived-columns.ts'
import type { UniqueConstraint } from '../../entities/entity.ts'
import type { Actor, RecordContext } from '../actor.ts'
import type { ReturnPlan } from '../return-plan.ts'
import { linkFields, type TargetIds } from '../write/column-changes.ts'
import { violatesTarget } from '../write/conflicts.ts'
import { explainConflict } from '../write/explain-store.ts'
import { type CurrentRecord, readForChange } from '../write/lock-store.ts'
import { shapeRecords } from '../write/new-records-store.ts'
import { atRows } from '../write/row-problem.ts'
import { allowedIds, requireAllowed } from '../write/row-rule-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { withSavepoint } from '../write/savepoint-store.ts'
import { storesWithin, type TransactionContext } from '../write/transaction-stores.ts'
import { rewriteStatement } from '../write/update-sql.ts'
import { requireVisibleTargets } from '../write/visible-references-store.ts'
import { writeContext } from '../write/write-context.ts'
import type { NewRecord, WriteContext, WrittenRow } from '../write/written-row.ts'
import { insertAllowed } from './insert-writer-store.ts'
import type { IncomingRecord, StoredRow, Writer } from './row.ts'
import { withSystemValues } from './system-values.ts'
import { divide, identify, type RowWrite, refuseRepeatedRows } from './upsert-rows.ts'

export interface MergeOptions {
  /** The constraint whose values find the record; null: the id. */
  target: UniqueConstraint | null
  resolution: 'merge-duplicates' | 'ignore-duplicates'
}

/** Others may insert the same values at the same time; a conflict that stays is no race. */
const MOST_RACES = 3

const RACE = Symbol('another writer was quicker')

/** Merges rows into the records that they meet and inserts the others. */
export function merger(
  stores: RecordContext,
  actor: Actor,
  targets: TargetIds,
  { answer, ...options }: MergeOptions & { answer: ReturnPlan },
): Writer {
  const context = writeContext(actor, answer)
  // Of rows that earlier calls have stored: a record is merged into once.
  const seen = new Set<string>()
  return async (tx: Transaction, rows: readonly IncomingRecord[]): Promise<StoredRow[]> => {
    const data = rows.map(({ whole }) => whole)
    const within = storesWithin(stores, tx)
    const made = await shapeRecords(within, actor, data, targets)
    const fresh = withSystemValues(made, rows)
    const identities = fresh.map((record) => identify(record, options.target))
    refuseRepeatedRows(actor, identities, seen, options)
    const merge = { stores: within, actor, targets, context, options, rows, fresh }
    let written: StoredRow[] | typeof RACE = RACE
    for (let races = 0; written === RACE; races++) written = await mergeOnce(tx, merge, races < MOST_RACES)
    for (const identity of identities) if (identity !== null) seen.add(identity)
    return written
  }
}

interface Merge {
  stores: TransactionContext
  actor: Actor
  targets: TargetIds
  context: WriteContext
  options: MergeOptions
  rows: readonly IncomingRecord[]
  fresh: readonly NewRecord[]
}

async function mergeOnce(
  tx: Transaction,
  merge: Merge,
  mayRace: boolean,
): Promise<StoredRow[] | typeof RACE> {
  const { stores, actor, context, fresh, options } = merge
  const met = await meet(tx, actor, fresh, options.target)
  const metIds = [...met.values()].map(({ id }) => id)
  const { updateUsing: change, read } = actor.policy
  // Who ignores a record has to know of it; who merges into it has to be allowed to.
  const needed = options.resolution === 'ignore-duplicates' ? read : change
  const { inserts, updates } = divide(merge, met, await allowedIds(tx, actor.entity, metIds, needed))
  const stored = [...inserts, ...updates]
  await requireVisibleTargets(stores, actor, stored).catch(atRows(rowsOf(stored)))
  return withSavepoint<StoredRow[] | typeof RACE>(
    tx,
    async () => align(fresh.length, stored, await store(tx, merge, { inserts, updates }), inserts),
    async (error) => {
      if (mayRace && violatesTarget(error, options.target)) return RACE
      if (violatedConstraint(error) === undefined) throw error
      const records = stored.map(({ record }) => record)
      return explainConflict(stores, context, records, error).catch(atRows(stored.map(({ at }) => at)))
    },
  )
}

/** Locks the records that the rows meet; by what identifies them. */
async function meet(
  tx: Transaction,
  { entity }: Actor,
  rows: readonly NewRecord[],
  target: UniqueConstraint | null,
): Promise<Map<string, CurrentRecord>> {
  const values = rows.map((row) => identify(row, target)).filter((value) => value !== null)
  const [column, type] = target === null ? ['id', 'uuid[]'] : [`u${target.slot}`, 'text[]']
  const current = await readForChange(
    tx,
    (p) => `r.tenant_id = ${p.add(entity.tenantId)} and r.entity_id = ${p.add(entity.id)}
      and r.${column} = any(${p.add(values)}::${type})`,
  )
  return new Map(
    current.map((record) => {
      const slots = target === null ? {} : derive(entity, record.data).slots
      return [identify({ id: record.id, slots }, target) ?? '', record]
    }),
  )
}

async function store(
  tx: Transaction,
  merge: Merge,
  { inserts, updates }: { inserts: readonly RowWrite[]; updates: readonly RowWrite[] },
): Promise<WrittenRow[]> {
  const { actor, context, options } = merge
  const ordered = inOneOrder(inserts, options.target)
  const inserted = await insertAllowed(tx, actor, context, recordsOf(ordered)).catch(atRows(rowsOf(ordered)))
  const updated = await updateAllowed(tx, merge, updates).catch(atRows(rowsOf(updates)))
  return [...inserted, ...updated]
}

/** Who inserts the same values at once waits for the other, and in another order they would wait for each other. */
function inOneOrder(inserts: readonly RowWrite[], target: UniqueConstraint | null): RowWrite[] {
  const keyed = inserts.map((placed) => ({ placed, key: identify(placed.record, target) ?? '' }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ placed }) => placed)
}

async function updateAllowed(
  tx: Transaction,
  { actor, context, rows }: Merge,
  updates: readonly RowWrite[],
): Promise<WrittenRow[]> {
  if (updates.length === 0) return []
  const { entity, policy } = actor
  const records = recordsOf(updates)
  const touched = updates.flatMap(({ at }) => Object.keys(rows[at]?.given ?? {}))
  const links = linkFields(entity, touched)
  const updated = await runStatement(tx, rewriteStatement(context, records, links))
  const ids = records.map(({ id }) => id)
  if (!stillMatches(policy.updateCheck, touched)) await requireAllowed(tx, entity, ids, policy.updateCheck)
  return updated
}

const recordsOf = (placed: readonly RowWrite[]) => placed.map(({ record }) => record)

const rowsOf = (placed: readonly RowWrite[]) => placed.map(({ at }) => at)

/** What became of each row, in their order. */
function align(
  size: number,
  stored: readonly RowWrite[],
  written: readonly WrittenRow[],
  inserts: readonly RowWrite[],
): StoredRow[] {
  const byId = new Map(written.map((row) => [row.id, row]))
  const outcomes = Array.from({ length: size }, (): StoredRow => ({ row: undefined, created: false }))
  for (const { record, at } of stored) outcomes[at] = { row: byId.get(record.id), created: false }
  for (const { at } of inserts) (outcomes[at] as StoredRow).created = true
  return outcomes
}
