// Derives the sort keys of existing records again after their form has changed, and removes what they need not store, which
// queries do not look at: batch by batch in the order of ids, beside live traffic. Writers of this version store the new form, so an
// entity is done when each record was seen; until then its definition says that records may have former keys. An hour later
// a second pass sees what older processes have written.

import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '../db/statement.ts'
import type { SlotFill } from '../db/tenant-directory.ts'
import { derive, keepsKey, type StoredData } from '../entities/derived-columns.ts'
import type { Entity } from '../entities/entity.ts'
import { writtenForm } from '../entities/pending.ts'
import { type BatchContext, LOCK_TIMEOUT_MS, runBatchStep } from '../schema/batch-step-store.ts'
import { findEntityById } from '../schema/entity-store.ts'

const BATCH = 1000

interface Place {
  after_id: string
  again: boolean
}

/** Locks the row with the worker's place; undefined when it is no longer this worker's. */
async function findPlace(
  tx: Transaction,
  { tenantId, entityId, worker }: SlotFill,
): Promise<Place | undefined> {
  const { rows } = await tx.query<Place>(
    'select after_id, again from key_fill where tenant_id = $1 and entity_id = $2 and worker = $3 for update',
    [tenantId, entityId, worker],
  )
  return rows[0]
}

interface StoredKeys {
  id: string
  data: StoredData
  keys: Record<string, string>
}

/** The records whose keys have letters beyond ASCII: those of the others are the same in every form. */
async function lettered(tx: Transaction, fill: SlotFill, ids: [string, string]): Promise<StoredKeys[]> {
  const { rows } = await tx.query<StoredKeys>(
    `select id, data, keys from record where tenant_id = $1 and entity_id = $2 and id > $3 and id <= $4
      and octet_length(keys::text) <> char_length(keys::text) order by id for update`,
    [fill.tenantId, fill.entityId, ...ids],
  )
  return rows
}

async function deriveAgain(tx: Transaction, entity: Entity, records: readonly StoredKeys[]): Promise<void> {
  const changed = records.flatMap(({ id, data, keys }) => {
    const derived = derive(entity, data)
    return isDeepStrictEqual(keys, derived.keys) ? [] : [{ id, keys: derived.keys, ...derived.slots }]
  })
  if (changed.length === 0) return
  const slots = Object.values(entity.slots).map(({ slot }) => `k${slot}`)
  const columns = ['keys', ...slots]
  await tx.query(
    `update record r set ${columns.map((name) => `${name} = n.${name}`).join(', ')}
      from jsonb_to_recordset($3::jsonb) as n(id uuid, keys jsonb${slots.map((name) => `, ${name} text`).join('')})
      where r.tenant_id = $1 and r.entity_id = $2 and r.id = n.id`,
    [entity.tenantId, entity.id, JSON.stringify(changed)],
  )
}

/** That a record has not been changed since its creation, and says so twice. */
const REPEATED = '(updated_at = created_at and updated_by is not distinct from created_by)'

/** The keys of a record that are not kept: of fields that a filled slot has or SQL makes, and of dropped ones. */
const OTHERS = '(keys - $5::text[])'

/** Removes what records say twice: keys that are not kept, and the time and author of a change that was the creation. */
async function removeRepeated(
  tx: Transaction,
  { tenantId, id, fields, slots }: Entity,
  ids: [string, string],
) {
  const kept = fields.filter((field) => keepsKey(field, slots)).map(({ key }) => key)
  await tx.query(
    `update record set keys = keys - array(select jsonb_object_keys(${OTHERS})),
       updated_at = case when not ${REPEATED} then updated_at end,
       updated_by = case when not ${REPEATED} then updated_by end
     where tenant_id = $1 and entity_id = $2 and id > $3 and id <= $4 and (${OTHERS} <> '{}' or ${REPEATED})`,
    [tenantId, id, ...ids, kept],
  )
}

interface Batch extends Place {
  isLast: boolean
}

/** One batch, with writers let in; null when nothing is left to do for this worker. */
async function fillBatch(tx: Transaction, fill: SlotFill, size: number): Promise<Batch | null> {
  await tx.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const place = await findPlace(tx, fill)
  const found = place && (await findEntityById(tx, fill))
  if (place === undefined || found === undefined) return null
  const entity = writtenForm(found)
  const { rows } = await tx.query<{ id: string }>(
    `select id from record where tenant_id = $1 and entity_id = $2 and id > $3 order by id limit ${size}`,
    [fill.tenantId, fill.entityId, place.after_id],
  )
  const upTo = rows.at(-1)?.id ?? place.after_id
  const ids: [string, string] = [place.after_id, upTo]
  if (entity.formerKeys || place.again) await deriveAgain(tx, entity, await lettered(tx, fill, ids))
  await removeRepeated(tx, entity, ids)
  await tx.query(
    'update key_fill set after_id = $3, worked_at = now() where tenant_id = $1 and entity_id = $2',
    [fill.tenantId, fill.entityId, upTo],
  )
  return { after_id: upTo, again: place.again, isLast: rows.length < size }
}

/** After the first pass queries go by the new keys alone; the second ends the work. */
async function finish(tx: Transaction, fill: SlotFill, batch: Batch): Promise<boolean> {
  const place = await findPlace(tx, fill)
  if (place?.after_id !== batch.after_id) return false
  const scope = [fill.tenantId, fill.entityId]
  await tx.query(
    `update entity set definition = definition - 'formerKeys' where tenant_id = $1 and id = $2`,
    scope,
  )
  const next = place.again
    ? 'delete from key_fill where tenant_id = $1 and entity_id = $2'
    : `update key_fill set again = true, after_id = default, worker = null, due_at = now() + interval '1 hour'
        where tenant_id = $1 and entity_id = $2`
  await tx.query(next, scope)
  return true
}

/** Derives the keys of one more batch of records; `done` when nothing is left for this worker. */
export function keyFillStep(context: BatchContext, fill: SlotFill, size = BATCH): Promise<'more' | 'done'> {
  return runBatchStep(context, fill, {
    batch: (tx) => fillBatch(tx, fill, size),
    finish: (tx, batch) => finish(tx, fill, batch),
  })
}
