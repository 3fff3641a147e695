// Writing records: one round trip each unless something stands against it. What stood against it is found out
// afterwards, so that the way that succeeds costs nothing for it.
import { errors } from '../errors.ts'
import { requireUsableFiles } from '../files/file-values.ts'
import { Parameters } from '../postgres/parameters.ts'
import type { TextRow } from '../postgres/queryable.ts'
import type { Entity } from '../schema/entity.ts'
import { type Actor, ownerOnly, type Stores, wholeRecord, writeContext } from './actor.ts'
import type { Answer } from './answer.ts'
import { violatedConstraint } from './conflicts.ts'
import { affectedEntities, deleteLinkedRecords } from './delete-store.ts'
import { explain } from './explain-store.ts'
import { insertStatement } from './insert-sql.ts'
import { newRecords, targetIds } from './new-records.ts'
import { changeOf, needsCurrent } from './prepare.ts'
import { getRecord, type StoredRecord, storedRecord } from './read-store.ts'
import type { StoredPatch } from './stored-data.ts'
import { deleteWhere, updateStatement, whereRecord } from './update-sql.ts'
import type { Guard } from './write.ts'

/** Tries at a change that another writer may overtake between its reading and its writing. */
const OVERTAKEN_TRIES = 10

function toRecords(actor: Actor, rows: TextRow[]): StoredRecord[] {
  return rows.map(([json, version, id]) =>
    storedRecord(actor, json as string, version as string, id as string),
  )
}

/**
 * Creates records, all or none.
 *
 * @param data stored data of each, in the order of the answer
 */
export async function createRecords(
  stores: Stores,
  actor: Actor,
  data: StoredPatch[],
  answer: Answer = wholeRecord(actor),
): Promise<StoredRecord[]> {
  if (data.length === 0) return []
  const { entity, caller } = actor
  const rows = await newRecords(stores, actor, data)
  const context = writeContext(actor, answer)
  const written = await stores.db
    .write(caller.tenant, [entity.id], insertStatement(context, rows))
    .catch((error) => explain(stores, context, rows, error))
  return toRecords(actor, written as TextRow[])
}

/** Why a write met no record: it is missing, or another's, or not at a version that If-Match accepts. */
async function refuse(stores: Stores, actor: Actor, id: string, guard: Guard): Promise<never> {
  await getRecord(stores, actor, id)
  if (guard.owner !== undefined && !(await isOwner(stores, actor, id)))
    throw errors.forbidden('to be its creator or an admin')
  throw errors.preconditionFailed()
}

async function isOwner({ db }: Stores, actor: Actor, id: string): Promise<boolean> {
  const p = new Parameters()
  const where = whereRecord(writeContext(actor), id, { owner: ownerOnly(actor) }, p)
  return (
    (await db.read(actor.caller.tenant, { text: `select 1 from record r where ${where}`, values: p.values }))
      .length > 0
  )
}

/** The record's data and version, for a change that depends on them; null when it is missing. */
async function readCurrent({ db }: Stores, actor: Actor, id: string) {
  const p = new Parameters()
  const where = whereRecord(writeContext(actor), id, {}, p)
  const [row] = await db.read(actor.caller.tenant, {
    text: `select r.version, r.data from record r where ${where}`,
    values: p.values,
  })
  if (row === undefined) throw errors.recordNotFound()
  return { version: Number(row[0]), data: JSON.parse(row[1] as string) as StoredPatch }
}

/**
 * Sets and unsets fields of one record.
 *
 * @param patch field key -> value, null to unset
 * @param versions those that If-Match accepts; undefined: any
 */
export async function changeRecord(
  stores: Stores,
  actor: Actor,
  id: string,
  { patch, versions }: { patch: StoredPatch; versions: number[] | undefined },
): Promise<StoredRecord> {
  const guard: Guard = { versions, owner: ownerOnly(actor) }
  await requireUsableFiles(stores, actor, [patch])
  if (!needsCurrent(actor.entity, Object.keys(patch))) {
    const [done] = await update(stores, actor, id, { patch, current: {}, guard })
    return done ?? refuse(stores, actor, id, guard)
  }
  for (let attempt = 0; attempt < OVERTAKEN_TRIES; attempt++) {
    const { version, data } = await readCurrent(stores, actor, id)
    if (versions !== undefined && !versions.includes(version)) throw errors.preconditionFailed()
    const [done] = await update(stores, actor, id, {
      patch,
      current: data,
      guard: { ...guard, versions: [version] },
    })
    if (done !== undefined) return done
    if (guard.owner !== undefined && !(await isOwner(stores, actor, id)))
      await refuse(stores, actor, id, guard)
  }
  throw errors.unavailable()
}

async function update(
  stores: Stores,
  actor: Actor,
  id: string,
  { patch, current, guard }: { patch: StoredPatch; current: StoredPatch; guard: Guard },
): Promise<StoredRecord[]> {
  const context = writeContext(actor)
  const change = changeOf(actor.entity, current, patch, await targetIds(stores, actor))
  const rows = await stores.db
    .write(actor.caller.tenant, [actor.entity.id], updateStatement(context, id, change, guard))
    .catch((error) => explain(stores, context, [{ ...change, id }], error))
  return toRecords(actor, rows as TextRow[])
}

/** Deletes one record, and what its relations' on_delete says with it. */
export async function deleteRecord(
  stores: Stores,
  actor: Actor,
  id: string,
  versions: number[] | undefined,
): Promise<void> {
  const { caller, entity } = actor
  const guard: Guard = { versions, owner: ownerOnly(actor) }
  const context = writeContext(actor)
  try {
    const rows = await stores.db.write(
      caller.tenant,
      [entity.id],
      deleteWhere(context, (p) => whereRecord(context, id, guard, p)),
    )
    if (rows.length === 0) await refuse(stores, actor, id, guard)
  } catch (error) {
    if (violatedConstraint(error) !== 'target') throw error
    await deleteLinked(stores, actor, id, guard)
  }
}

async function deleteLinked(stores: Stores, actor: Actor, id: string, guard: Guard): Promise<void> {
  const { caller, entity } = actor
  const entities = await stores.registry.entities(caller.tenant)
  const affected = affectedEntities(entity, entities).map((other: Entity) => other.id)
  const context = { scope: caller.tenant, author: caller.id, entities }
  await stores.db.transaction(
    caller.tenant,
    affected.sort((a, b) => a - b),
    async (tx) => {
      const p = new Parameters()
      const where = whereRecord(writeContext(actor), id, guard, p)
      const { rows } = await tx.query(`select from record r where ${where} for update`, p.values)
      if (rows.length === 0) throw errors.preconditionFailed()
      await deleteLinkedRecords(tx, context, [{ entity, id }])
    },
  )
}
