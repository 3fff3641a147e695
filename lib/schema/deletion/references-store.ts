// The references of a deleted entity when it comes back: those to entities that are still deleted, and those to records that
// were deleted meanwhile. Links lead to entities by id, so they show what a relation has led to.
import type { Queryable } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { typeOf } from '../../fields/index.ts'
import { countDangling } from '../change/dangling-store.ts'
import { rewriteRecords } from '../change/record-rewrite-store.ts'
import { ViolationReport } from '../change/violation-report.ts'
import { NO_CONVERSIONS } from '../conversion/field-conversion.ts'
import { CAN_COME_BACK } from './deletion-store.ts'

/** Names of the deleted entities that can come back and to whose records the entity's fields refer. */
export async function hiddenTargets(tx: Queryable, { tenantId, id, fields }: Entity): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `select e.name from entity e join entity_deletion d on d.tenant_id = e.tenant_id and d.entity_id = e.id
     where e.tenant_id = $1 and e.id <> $2 and ${CAN_COME_BACK} and exists (
       select from link l where l.tenant_id = $1 and l.from_entity = $2 and l.to_entity = e.id
         and l.field = any($3::text[]))`,
    [tenantId, id, fields.map(({ key }) => key)],
  )
  return rows.map(({ name }) => name)
}

/** The keys of the relations that hold ids themselves. */
function relationKeys({ fields }: Entity): string[] {
  const relations = fields.filter((field) => {
    const { nested, targets } = typeOf(field.type)
    return nested === undefined && targets?.(field).some((name) => name !== null)
  })
  return relations.map(({ key }) => key)
}

/** Takes the ids of records that are gone out of the entity's records; a required relation may then be without one. */
export async function pruneReferences(tx: Queryable, entity: Entity): Promise<void> {
  const revived = new Set(relationKeys(entity))
  const work = {
    fields: [],
    constraints: [],
    conversions: NO_CONVERSIONS,
    backfill: new Set<string>(),
    revived,
  }
  const lost = await countDangling(tx, { next: entity, work })
  if ([...lost.values()].every((count) => count === 0)) return
  await rewriteRecords(tx, { next: entity, work, survey: new ViolationReport() }, true)
}
