// Relations and files that come back with a dropped field: what they point to may have been deleted meanwhile, since a
// dropped field keeps nothing from being deleted. Its link rows went with the targets, so an id without one is left out.
import type { Queryable } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { typeOf } from '../../fields/index.ts'
import type { RewriteRow } from './record-rewrite.ts'
import type { RecordRewrite } from './revise.ts'

type Data = RewriteRow['data']

/** The data of those rows that hold ids of what is gone, without them; by the id of the row. */
export async function withoutDangling(
  tx: Queryable,
  { next, work }: { next: Entity; work: RecordRewrite },
  rows: readonly RewriteRow[],
): Promise<Map<string, Data>> {
  const linked = next.fields.filter(
    ({ key, type }) => work.revived.has(key) && typeOf(type).targets !== undefined,
  )
  const keys = linked.filter(({ type }) => typeOf(type).nested === undefined).map(({ key }) => key)
  const concerned = rows.filter(({ data }) => keys.some((key) => data[key] !== undefined))
  if (concerned.length === 0) return new Map()
  const { rows: links } = await tx.query<{ from_id: string; field: string; to_id: string }>(
    `select from_id, field, to_id from link
     where tenant_id = $1 and from_entity = $2 and from_id = any($3::uuid[]) and field = any($4::text[])`,
    [next.tenantId, next.id, concerned.map(({ id }) => id), keys],
  )
  const living = new Set(links.map(({ from_id, field, to_id }) => `${from_id} ${field} ${to_id}`))
  return new Map(
    concerned.map(({ id, data }) => [id, prune(data, keys, (key, to) => living.has(`${id} ${key} ${to}`))]),
  )
}

function prune(data: Data, keys: readonly string[], lives: (key: string, id: string) => boolean): Data {
  const pruned = { ...data }
  for (const key of keys) {
    const ids = [data[key] ?? []].flat() as string[]
    const left = ids.filter((id) => lives(key, id))
    if (left.length === ids.length) continue
    if (Array.isArray(data[key])) pruned[key] = left
    else delete pruned[key]
  }
  return pruned
}
