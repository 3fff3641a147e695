// The links of values that have new keys: of texts that have become relations, of single references that have become lists.
import type { Queryable } from '../../db/statement.ts'
import { derive } from '../../entities/derived-columns.ts'
import { type Entity, FILES } from '../../entities/entity.ts'
import type { RewriteRow } from './record-rewrite.ts'
import type { RecordRewrite } from './revise.ts'

/** Inserts the links of the converted fields of these records. */
export async function insertConvertedLinks(
  tx: Queryable,
  { next, work }: { next: Entity; work: RecordRewrite },
  rows: readonly Pick<RewriteRow, 'id' | 'data'>[],
): Promise<void> {
  if (work.conversions.size === 0) return
  const links = rows.flatMap(({ id, data }) =>
    derive(next, data)
      .links.filter(({ field }) => work.conversions.has(field))
      .flatMap(({ field, entity, ids }) => ids.map((to) => ({ id, field, entity, to }))),
  )
  if (links.length === 0) return
  // A target may be called as this entity is to be called.
  await tx.query(
    `insert into link (tenant_id, from_entity, from_id, field, to_entity, to_id)
     select $1, $2, l.id, l.field, case when l.entity is null then ${FILES} when l.entity = $4 then $2 else e.id end, l."to"
     from jsonb_to_recordset($3::jsonb) as l(id uuid, field text, entity text, "to" uuid)
     left join entity e on e.tenant_id = $1 and e.name = l.entity and e.deleted_at is null
     on conflict do nothing`,
    [next.tenantId, next.id, JSON.stringify(links), next.name],
  )
}
