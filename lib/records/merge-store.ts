// Upsert: each row that meets a record on the conflict target is merged into it or ignored, the others are inserted.
// Records that are met are locked first; a row that another writer inserts meanwhile makes the whole start again.
// https://docs.postgrest.org/en/stable/references/api/tables_views.html#upsert

import { survives } from '../access/policy.ts'
import { errors } from '../errors.ts'
import type { Queryable } from '../postgres/queryable.ts'
import { retryStale } from '../postgres/retry-stale.ts'
import type { UniqueConstraint } from '../schema/entity.ts'
import { type Actor, type Stores, writeContext } from './actor.ts'
import { allowedIds, requireAllowed } from './allowed-store.ts'
import { type Answer, completeRows } from './answer.ts'
import { takenBy, violatedConstraint } from './conflicts.ts'
import { type CurrentRecord, readForChange } from './current-store.ts'
import { derive } from './derive.ts'
import { explain } from './explain-store.ts'
import { insertStatement } from './insert-sql.ts'
import { newRecords, targetIds } from './new-records.ts'
import { linkFields, mergedRecord, type TargetIds } from './prepare.ts'
import { runStatement } from './run-statement.ts'
import type { StoredPatch } from './stored-data.ts'
import { inTransaction } from './transaction-store.ts'
import { rewriteStatement } from './update-sql.ts'
import type { NewRecord, WrittenRow } from './write.ts'

export interface MergeRow {
  /** The whole record, for the case that it is new. */
  whole: StoredPatch
  /** The given fields, for the case that it is not. */
  given: StoredPatch
  /** The id that the body names. */
  id: string | undefined
}

export interface MergeOptions {
  /** The constraint whose values find the record; null: the id. */
  target: UniqueConstraint | null
  resolution: 'merge-duplicates' | 'ignore-duplicates'
  rollback: boolean
  answer: Answer
}

export interface Merged {
  /** In the order of the rows, without those that were ignored. */
  rows: WrittenRow[]
  inserted: number
}

interface Meeting {
  fresh: readonly NewRecord[]
  met: ReadonlyMap<string, CurrentRecord>
  /** Those of the met records that the caller may change. */
  allowed: ReadonlySet<string>
  targets: TargetIds
  options: MergeOptions
}

type Identify = (record: Pick<NewRecord, 'id' | 'slots'>) => string | null | undefined

/** What finds a record for this merge. */
function identity(target: UniqueConstraint | null): Identify {
  return target === null ? ({ id }) => id : ({ slots }) => slots[`u${target.slot}`]
}

/** Locks the records that the rows meet. */
async function meet(
  tx: Queryable,
  { entity }: Actor,
  rows: readonly NewRecord[],
  target: UniqueConstraint | null,
) {
  const identify = identity(target)
  const values = rows.map(identify).filter((value) => value != null)
  const [column, type] = target === null ? ['id', 'uuid[]'] : [`u${target.slot}`, 'text[]']
  const current = await readForChange(
    tx,
    (p) => `r.tenant_id = ${p.add(entity.tenantId)} and r.entity_id = ${p.add(entity.id)}
      and r.${column} = any(${p.add(values)}::${type})`,
  )
  const identified = current.map((record) => {
    const { slots } = derive(entity, record.data)
    return [identify({ id: record.id, slots }) ?? '', record] as const
  })
  return new Map(identified)
}

/** Which rows are new and what becomes of the records that the others meet. */
function divide(actor: Actor, rows: readonly MergeRow[], { fresh, met, allowed, targets, options }: Meeting) {
  const identify = identity(options.target)
  const inserts: NewRecord[] = []
  const updates: NewRecord[] = []
  for (const [at, record] of fresh.entries()) {
    const current = met.get(identify(record) ?? '')
    if (current === undefined) inserts.push(record)
    else if (options.resolution === 'merge-duplicates') {
      // A record that the caller may not change stands against the row like any other that has the value.
      if (!allowed.has(current.id))
        throw errors.uniqueConflict([takenBy(writeContext(actor), options.target, at)])
      updates.push(mergedRecord(actor.entity, current, (rows[at] as MergeRow).given, targets))
    }
  }
  return { inserts, updates }
}

async function mergeOnce(
  stores: Stores,
  actor: Actor,
  rows: readonly MergeRow[],
  options: MergeOptions,
): Promise<Merged> {
  const { entity, policy } = actor
  const targets = await targetIds(stores, actor)
  const made = await newRecords(
    stores,
    actor,
    rows.map(({ whole }) => whole),
  )
  const fresh = made.map((record, at) => ({ ...record, id: rows[at]?.id ?? record.id }))
  const context = writeContext(actor, options.answer)
  const work = async (tx: Queryable) => {
    const met = await meet(tx, actor, fresh, options.target)
    const metIds = [...met.values()].map(({ id }) => id)
    const allowed = await allowedIds(tx, entity, metIds, policy.change)
    const { inserts, updates } = divide(actor, rows, { fresh, met, allowed, targets, options })
    const inserted = inserts.length === 0 ? [] : await runStatement(tx, insertStatement(context, inserts))
    const links = linkFields(
      entity,
      rows.flatMap(({ given }) => Object.keys(given)),
    )
    const updated =
      updates.length === 0 ? [] : await runStatement(tx, rewriteStatement(context, updates, links))
    await requireAllowed(tx, entity, idsOf(inserts), policy.create)
    const touched = rows.flatMap(({ given }) => Object.keys(given))
    if (!survives(policy.changed, touched)) await requireAllowed(tx, entity, idsOf(updates), policy.changed)
    const written = inOrder(fresh, met, [...inserted, ...updated], options)
    return { rows: await completeRows(tx, entity, options.answer, written), inserted: inserted.length }
  }
  return inTransaction(stores, actor, { entities: [entity], rollback: options.rollback }, work)
}

const idsOf = (records: readonly NewRecord[]) => records.map(({ id }) => id)

function inOrder(
  fresh: readonly NewRecord[],
  met: ReadonlyMap<string, CurrentRecord>,
  written: readonly WrittenRow[],
  { target }: MergeOptions,
): WrittenRow[] {
  const byId = new Map(written.map((row) => [row.id, row]))
  const identify = identity(target)
  return fresh.flatMap((record) => byId.get(met.get(identify(record) ?? '')?.id ?? record.id) ?? [])
}

/** Merges rows into the records that they meet and inserts the others, all or none. */
export async function mergeRecords(
  stores: Stores,
  actor: Actor,
  rows: readonly MergeRow[],
  options: MergeOptions,
): Promise<Merged> {
  if (rows.length === 0) return { rows: [], inserted: 0 }
  const context = writeContext(actor)
  let races = 0
  const overtaken = (error: unknown) => violatedConstraint(error) === 'unique' && races++ < MOST_RACES
  return retryStale(() => mergeOnce(stores, actor, rows, options), overtaken).catch(async (error) => {
    const fresh = await newRecords(
      stores,
      actor,
      rows.map(({ whole }) => whole),
    )
    return explain(stores, context, fresh, error)
  })
}

/** Starts over when others insert the same values at the same time; a conflict that stays is another constraint's. */
const MOST_RACES = 3
