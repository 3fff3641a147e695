// Fills new index slots with the records' sort keys, and copies those of slots that are given up to `keys`, batch by batch in
// the order of ids, beside live traffic. Since the definition came into force every writer does both; so all is right once
// each record was seen, whatever the column held before, and only then may the slot be read, or be used for another field.

import { Parameters } from '../db/parameters.ts'
import type { Queryable, Transaction } from '../db/statement.ts'
import type { SlotFill } from '../db/tenant-directory.ts'
import type { Entity } from '../entities/entity.ts'
import { leavingSlots, pendingSlots, slotsAfterFill } from '../entities/slots.ts'
import { toColumn } from '../query/plan/column.ts'
import { keySql, NULL_KEY_SQL } from '../query/sql/operand.ts'
import { Row } from '../query/sql/row.ts'
import { type BatchContext, LOCK_TIMEOUT_MS, runBatchStep } from '../schema/batch-step-store.ts'
import { findEntityById, queueKeyFill, updateSlots } from '../schema/entity-store.ts'

const BATCH = 1000

interface Batch {
  /** All records up to this id are filled. */
  upTo: string
  isLast: boolean
}

/** Locks the row that says how far this worker has come; undefined when it is no longer his. */
async function findPlace(tx: Queryable, { tenantId, entityId, worker }: SlotFill) {
  const { rows } = await tx.query<{ after_id: string }>(
    'select after_id from slot_fill where tenant_id = $1 and entity_id = $2 and worker = $3 for update',
    [tenantId, entityId, worker],
  )
  return rows[0]?.after_id
}

async function nextBatch(tx: Queryable, fill: SlotFill, after: string, size: number): Promise<Batch> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from record where tenant_id = $1 and entity_id = $2 and id > $3 order by id limit ${size}`,
    [fill.tenantId, fill.entityId, after],
  )
  return { upTo: rows.at(-1)?.id ?? after, isLast: rows.length < size }
}

/** The slot columns that are filled, and what with. */
function filledColumns(entity: Entity, row: Row): [column: string, key: string][] {
  const pending = new Map(pendingSlots(entity.slots))
  return entity.fields.flatMap((field) => {
    const slot = pending.get(field.key)
    if (slot === undefined) return []
    const key = keySql({ ...toColumn(field, entity), slot: null }, row)
    return [[`k${slot}`, `coalesce(${key}, ${NULL_KEY_SQL})`]]
  })
}

/** The keys of slots that are given up, as members of `keys`. */
function copiedKeys(entity: Entity, row: Row): [column: string, key: string][] {
  const leaving = leavingSlots(entity.slots)
  if (leaving.length === 0) return []
  const members = leaving.map(([key, slot]) => `${row.bind(key, 'text')}, nullif(k${slot}, ${NULL_KEY_SQL})`)
  const names = row.bind(
    leaving.map(([key]) => key),
    'text[]',
  )
  return [['keys', `(keys - ${names}) || jsonb_strip_nulls(jsonb_build_object(${members.join(', ')}))`]]
}

async function copyKeys(tx: Queryable, entity: Entity, ids: [string, string]): Promise<void> {
  const p = new Parameters()
  const row = new Row(p, 'record')
  const scope = `tenant_id = ${p.add(entity.tenantId)} and entity_id = ${p.add(entity.id)}`
  const range = `id > ${p.add(ids[0])} and id <= ${p.add(ids[1])}`
  const copies = [...filledColumns(entity, row), ...copiedKeys(entity, row)]
  if (copies.length === 0) return
  const wrong = copies.map(([column, copy]) => `${column} is distinct from ${copy}`)
  const text = `update record set ${copies.map((copy) => copy.join(' = ')).join(', ')}
    where ${scope} and ${range} and (${wrong.join(' or ')})`
  await tx.query(text, p.values)
}

/** One batch, writers let in; null when there is nothing to do here any more. */
async function fillBatch(tx: Transaction, fill: SlotFill, size: number): Promise<Batch | null> {
  await tx.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const after = await findPlace(tx, fill)
  if (after === undefined) return null
  const batch = await nextBatch(tx, fill, after, size)
  const entity = await findEntityById(tx, fill)
  if (entity !== undefined) await copyKeys(tx, entity, [after, batch.upTo])
  await tx.query(
    'update slot_fill set after_id = $3, worked_at = now() where tenant_id = $1 and entity_id = $2',
    [fill.tenantId, fill.entityId, batch.upTo],
  )
  return batch
}

/**
 * Lets queries use the slots, unless the entity asked for another fill meanwhile. Slots that were given up are free: where a
 * field has waited for one, the fill begins again.
 */
async function finish(tx: Transaction, fill: SlotFill, upTo: string): Promise<boolean> {
  if ((await findPlace(tx, fill)) !== upTo) return false
  const entity = await findEntityById(tx, fill)
  if (entity === undefined) return true
  const slots = slotsAfterFill(entity)
  const isOver = pendingSlots(slots).length === 0
  if (isOver) {
    await tx.query('delete from slot_fill where tenant_id = $1 and entity_id = $2', [
      entity.tenantId,
      entity.id,
    ])
  } else await beginAgain(tx, entity)
  await updateSlots(tx, entity, slots)
  await queueKeyFill(tx, entity)
  return isOver
}

/** Lets the fill begin again, with writers locked out: from here on every one fills the slots that are new. */
async function beginAgain(tx: Transaction, { tenantId, id }: Entity): Promise<void> {
  await tx.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  await tx.query('select pg_advisory_xact_lock($1)', [id])
  await tx.query('update slot_fill set after_id = default where tenant_id = $1 and entity_id = $2', [
    tenantId,
    id,
  ])
}

/** Fills one more batch of records; `done` when nothing is left for this worker, with all slots ready. */
export function fillStep(context: BatchContext, fill: SlotFill, size = BATCH): Promise<'more' | 'done'> {
  return runBatchStep(context, fill, {
    batch: (tx) => fillBatch(tx, fill, size),
    finish: (tx, { upTo }) => finish(tx, fill, upTo),
  })
}
