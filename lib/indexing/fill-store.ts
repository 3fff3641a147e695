// Fills new index slots with a plain copy of `keys`, batch by batch in the order of ids, beside live traffic. Since the
// definition came into force every writer fills them too; so a slot is right once each record was seen, whatever the
// column held before, and only then may it be read.

import { Parameters } from '../db/parameters.ts'
import type { Queryable } from '../db/statement.ts'
import type { SlotFill } from '../db/tenant-directory.ts'
import { allReady, pendingSlots, type Slots } from '../entities/slots.ts'
import { NULL_KEY_SQL } from '../query/sql/operand.ts'
import { type BatchContext, LOCK_TIMEOUT_MS, runBatchStep } from '../schema/batch-step-store.ts'
import { updateSlots } from '../schema/entity-store.ts'

const BATCH = 1000

interface Batch {
  /** All records up to this id are filled. */
  upTo: string
  isLast: boolean
}

async function slotsOf(tx: Queryable, { tenantId, entityId }: SlotFill): Promise<Slots> {
  const { rows } = await tx.query<{ slots: Slots }>(
    `select definition->'slots' as slots from entity where tenant_id = $1 and id = $2`,
    [tenantId, entityId],
  )
  return rows[0]?.slots ?? {}
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

async function copyKeys(tx: Queryable, fill: SlotFill, slots: [string, number][], ids: [string, string]) {
  const p = new Parameters()
  const scope = `tenant_id = ${p.add(fill.tenantId)} and entity_id = ${p.add(fill.entityId)}`
  const range = `id > ${p.add(ids[0])} and id <= ${p.add(ids[1])}`
  const copies = slots.map(([key, slot]) => [
    `k${slot}`,
    `coalesce(keys->>${p.add(key, 'text')}, ${NULL_KEY_SQL})`,
  ])
  const wrong = copies.map(([column, copy]) => `${column} is distinct from ${copy}`)
  const text = `update record set ${copies.map((copy) => copy.join(' = ')).join(', ')}
    where ${scope} and ${range} and (${wrong.join(' or ')})`
  await tx.query(text, p.values)
}

/** One batch, writers let in; null when there is nothing to do here any more. */
async function fillBatch(tx: Queryable, fill: SlotFill, size: number): Promise<Batch | null> {
  await tx.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const after = await findPlace(tx, fill)
  if (after === undefined) return null
  const batch = await nextBatch(tx, fill, after, size)
  const slots = pendingSlots(await slotsOf(tx, fill))
  if (slots.length > 0) await copyKeys(tx, fill, slots, [after, batch.upTo])
  await tx.query(
    'update slot_fill set after_id = $3, worked_at = now() where tenant_id = $1 and entity_id = $2',
    [fill.tenantId, fill.entityId, batch.upTo],
  )
  return batch
}

/** Lets queries use the slots, unless the entity asked for another fill meanwhile. */
async function finish(tx: Queryable, fill: SlotFill, upTo: string): Promise<boolean> {
  if ((await findPlace(tx, fill)) !== upTo) return false
  await tx.query('delete from slot_fill where tenant_id = $1 and entity_id = $2', [
    fill.tenantId,
    fill.entityId,
  ])
  await updateSlots(tx, { tenantId: fill.tenantId, id: fill.entityId }, allReady(await slotsOf(tx, fill)))
  return true
}

/** Fills one more batch of records; `done` when nothing is left for this worker, with all slots ready. */
export function fillStep(context: BatchContext, fill: SlotFill, size = BATCH): Promise<'more' | 'done'> {
  return runBatchStep(context, fill, {
    batch: (tx) => fillBatch(tx, fill, size),
    finish: (tx, { upTo }) => finish(tx, fill, upTo),
  })
}
