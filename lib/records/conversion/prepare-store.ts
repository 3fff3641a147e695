// Prepares existing records for a change, a batch of them within a transaction. A value that only one record may have, and
// another has, is left out and listed.
import { Parameters } from '../../db/parameters.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable, Transaction } from '../../db/statement.ts'
import type { Entity, PendingChange, UniqueConstraint } from '../../entities/entity.ts'
import { hasOwnKey, misfitKeyOf } from '../../entities/pending.ts'
import { typeOf } from '../../fields/index.ts'
import type { ConvertOptions } from '../../schema/conversion/convert-options.ts'
import { GIVEN_UP } from '../../schema/conversion/misfit-store.ts'
import { lockSized, readLocked } from '../write/bounded-read-store.ts'
import { despitePending, withoutUnique } from '../write/despite-pending-store.ts'
import type { NewRecord, WriteScope } from '../write/written-row.ts'
import { misfitStatement, prepareStatement } from './prepare-sql.ts'
import { isPrepared, ownKeys, ownSlots, type Preparation, prepareRow } from './prepared-row.ts'
import { lookUpValues, targetIdsOf } from './targets-store.ts'

/** What is prepared, and for which tenant. */
export interface PreparingContext {
  scope: TenantScope
  entity: Entity & { pending: PendingChange }
  /** Whether a value that another record has is given up, where the change says what becomes of such values. */
  givesUp: boolean
}

/** Prepares those of the records that there are, and answers with their ids; the others are gone. */
export async function prepareRecords(
  tx: Transaction,
  context: PreparingContext,
  ids: readonly string[],
): Promise<string[]> {
  const found: string[] = []
  const targets = await targetIdsOf(tx, context.entity)
  for await (const batch of lockSized(tx, context.entity, ids)) {
    const batchIds = batch.map(({ id }) => id)
    await prepareBatch(tx, { ...context, targets }, batchIds)
    found.push(...batchIds)
  }
  return found
}

async function prepareBatch(
  tx: Transaction,
  context: PreparingContext & Pick<Preparation, 'targets'>,
  ids: readonly string[],
): Promise<void> {
  const { scope, entity, targets } = context
  const { pending } = entity
  const current = await readLocked(tx, entity, ids)
  const lookups = await lookUpValues(tx, context, current)
  const rows = current.map((record) => prepareRow({ entity, pending, targets, lookups }, record))
  const free = await withoutTaken(tx, context, rows)
  const own = ownKeys(pending)
  const same = free.filter((row, at) => isPrepared(row, own, current[at] as (typeof current)[number]))
  const changed = free.filter((row) => !same.includes(row))
  const write: WriteScope = { scope, entity, author: null }
  const columns = { own, linked: linkedKeys(pending), slots: ownSlots(pending) }
  if (changed.length > 0)
    await despitePending({ entity, tx }, changed, (some) => tx.read(prepareStatement(write, some, columns)))
  const listing = same.length === 0 ? undefined : misfitStatement(write, same)
  if (listing !== undefined) await tx.read(listing)
}

function linkedKeys({ fields }: PendingChange): string[] {
  const linked = fields.filter(
    (field) => hasOwnKey(field) && typeOf(field.to.type).targets?.(field.to).length,
  )
  return linked.map(({ to }) => to.key)
}

/** The rows without values of the constraints in preparation that another record has, or an earlier one of them. */
async function withoutTaken(
  tx: Queryable,
  { entity, givesUp }: PreparingContext,
  given: readonly NewRecord[],
): Promise<readonly NewRecord[]> {
  let rows = given
  for (const constraint of entity.pending.constraints) {
    const taken = await takenTexts(tx, entity, { rows, constraint })
    rows = rows.map((row) => {
      const text = row.slots[`u${constraint.slot}`]
      if (text == null) return row
      if (!taken.has(text)) {
        taken.add(text)
        return row
      }
      return givesUp ? givenUp(entity, row, constraint) : withoutUnique(row, constraint)
    })
  }
  return rows
}

/** The texts of a slot that other records than the rows have. */
async function takenTexts(
  tx: Queryable,
  { tenantId, id }: Entity,
  { rows, constraint: { slot } }: { rows: readonly NewRecord[]; constraint: UniqueConstraint },
): Promise<Set<string>> {
  const column = `u${slot}`
  const texts = rows.flatMap(({ slots }) => slots[column] ?? [])
  if (texts.length === 0) return new Set()
  const p = new Parameters()
  const found = await tx.query<{ text: string }>(
    `select ${column} as text from record where tenant_id = ${p.add(tenantId)} and entity_id = ${p.add(id)}
      and ${column} = any(${p.add(texts)}::text[]) and id <> all(${p.add(rows.map((row) => row.id))}::uuid[])`,
    p.values,
  )
  return new Set(found.rows.map(({ text }) => text))
}

/** As `otherwise` says; a constraint of several fields, or of one that keeps its key, blocks the change. */
function givenUp(
  { pending }: PreparingContext['entity'],
  row: NewRecord,
  constraint: UniqueConstraint,
): NewRecord {
  const key = misfitKeyOf(constraint)
  const field = pending.fields.find(({ to }) => to.key === key)
  const { otherwise = 'refuse' } = (field?.options ?? {}) as ConvertOptions
  const isFree = field !== undefined && hasOwnKey(field) && constraint.keys.length === 1
  if (!isFree || (otherwise !== 'null' && otherwise !== 'quarantine')) return withoutUnique(row, constraint)
  const without = withoutUnique(row, constraint, GIVEN_UP)
  const { [key]: _value, ...data } = without.data
  const { [key]: _key, ...keys } = without.keys
  const found = otherwise === 'quarantine' ? without.misfits?.found : row.misfits?.found
  const links = without.links.filter((link) => link.field !== key)
  return {
    ...without,
    data,
    keys,
    links,
    misfits: { settled: without.misfits?.settled ?? [], found: found ?? [] },
  }
}
