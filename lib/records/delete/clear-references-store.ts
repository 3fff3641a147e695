// Taking the ids of records that are being deleted out of the records that survive them (on_delete: set_null).

import type { Queryable } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { StoredPatch } from '../stored-data.ts'
import { lockSized, readLocked } from '../write/bounded-read-store.ts'
import { linkFields, mergedRecord } from '../write/column-changes.ts'
import { despitePending } from '../write/despite-pending-store.ts'
import type { CurrentRecord } from '../write/lock-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { rewriteStatement } from '../write/update-sql.ts'
import type { DeleteContext, InboundLink } from './delete-context.ts'

/** What is left of the record's references: a list without the ids, or nothing. */
function remainder({ data }: CurrentRecord, links: readonly InboundLink[]): StoredPatch {
  const gone = new Set(links.map(({ to }) => to))
  return Object.fromEntries(
    links.map(({ field: { key } }) => {
      const value = data[key]
      return [key, Array.isArray(value) ? value.filter((id) => !gone.has(id)) : null]
    }),
  )
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

interface Clearing {
  entity: Entity
  /** By the record that they come from. */
  links: ReadonlyMap<string, readonly InboundLink[]>
  /** The records of one batch, locked. */
  ids: readonly string[]
}

async function clearBatch(
  tx: Queryable,
  { scope, author, entities }: DeleteContext,
  { entity, links, ids }: Clearing,
): Promise<void> {
  const targets = new Map(entities.map(({ name, id }) => [name, id]))
  const current = await readLocked(tx, entity, ids)
  const patched = current.map((record) => ({ record, patch: remainder(record, links.get(record.id) ?? []) }))
  const rows = patched.map(({ record, patch }) => mergedRecord(entity, record, patch, targets))
  const touched = linkFields(
    entity,
    patched.flatMap(({ patch }) => Object.keys(patch)),
  )
  if (rows.length === 0) return
  const context = { scope, author, entity, returning: () => "''" }
  await despitePending({ entity, tx }, rows, (written) =>
    runStatement(tx, rewriteStatement(context, written, touched)),
  )
}

/** Takes the target of each link out of the record that it comes from. */
export async function clearReferences(
  tx: Queryable,
  context: DeleteContext,
  links: readonly InboundLink[],
): Promise<void> {
  for (const [entity, ofEntity] of groupBy(links, (link) => link.entity)) {
    const links = groupBy(ofEntity, ({ id }) => id)
    for await (const batch of lockSized(tx, entity, [...links.keys()]))
      await clearBatch(tx, context, { entity, links, ids: batch.map(({ id }) => id) })
  }
}
