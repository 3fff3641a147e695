// Relations and files that come back with a dropped field: what they point to may have been deleted meanwhile, since a
// dropped field keeps nothing from being deleted. Its link rows went with the targets, so an id without one is left out; and
// so is one whose link leads to an entity that is deleted, or has another name than the relation's.
import type { Queryable } from '../../db/statement.ts'
import { type Entity, FILES } from '../../entities/entity.ts'
import { typeOf } from '../../fields/index.ts'
import type { RewriteRow } from './record-rewrite.ts'
import type { RecordRewrite } from './revise.ts'

type Data = RewriteRow['data']

interface Revival {
  next: Entity
  work: RecordRewrite
}

/** The relations and file fields that come back, with the entities that they lead to; null: files. */
function revivedTargets({ next, work }: Revival): Map<string, string | null> {
  const linked = next.fields.filter(({ key, type }) => {
    const { targets, nested } = typeOf(type)
    return (
      (work.revived.has(key) || work.conversions.get(key)?.revives) &&
      targets !== undefined &&
      nested === undefined
    )
  })
  return new Map(linked.map((field) => [field.key, typeOf(field.type).targets?.(field)[0] ?? null]))
}

/** Of a link `l` and its field `f`: it leads to a record of the entity that the field names. */
const LEADS_THERE = `case when f.target is null then l.to_entity = ${FILES} else exists (
  select from entity e where e.tenant_id = l.tenant_id and e.id = l.to_entity and e.deleted_at is null
    and (e.name = f.target or e.id = l.from_entity and f.target = $5)) end`

const TARGETS = 'unnest($3::text[], $4::text[]) as f(field, target)'

const LINKS = 'l.tenant_id = $1 and l.from_entity = $2 and l.field = f.field'

function parametersOf(next: Entity, targets: ReadonlyMap<string, string | null>): unknown[] {
  return [next.tenantId, next.id, [...targets.keys()], [...targets.values()], next.name]
}

/** How many ids of what is gone the fields that come back hold, by their keys. */
export async function countDangling(tx: Queryable, revival: Revival): Promise<Map<string, number>> {
  const targets = revivedTargets(revival)
  if (targets.size === 0) return new Map()
  const { rows } = await tx.query<{ key: string; lost: number }>(
    `select f.field as key, ((
       select coalesce(sum(case jsonb_typeof(r.data -> f.field) when 'array' then jsonb_array_length(r.data -> f.field)
         else 1 end), 0)
       from record r where r.tenant_id = $1 and r.entity_id = $2 and r.data ? f.field)
     - (select count(*) from link l where ${LINKS} and ${LEADS_THERE}))::float8 as lost
     from ${TARGETS}`,
    parametersOf(revival.next, targets),
  )
  return new Map(rows.map(({ key, lost }) => [key, lost]))
}

/** The data of those rows that hold ids of what is gone, without them; by the id of the row. */
export async function withoutDangling(
  tx: Queryable,
  { next, work }: Revival,
  rows: readonly RewriteRow[],
): Promise<Map<string, Data>> {
  const targets = revivedTargets({ next, work })
  const keys = [...targets.keys()]
  const concerned = rows.filter(({ data }) => keys.some((key) => data[key] !== undefined))
  if (concerned.length === 0) return new Map()
  const ids = concerned.map(({ id }) => id)
  const { rows: links } = await tx.query<{ from_id: string; field: string; to_id: string }>(
    `select l.from_id, l.field, l.to_id from link l, ${TARGETS}
     where ${LINKS} and l.from_id = any($6::uuid[]) and ${LEADS_THERE}`,
    [...parametersOf(next, targets), ids],
  )
  const living = new Set(links.map(({ from_id, field, to_id }) => `${from_id} ${field} ${to_id}`))
  return new Map(
    concerned.map(({ id, data }) => [id, prune(data, keys, (key, to) => living.has(`${id} ${key} ${to}`))]),
  )
}

/** Deletes what is left of the links whose ids withoutDangling leaves out: they must not keep a record from being deleted. */
export async function deleteDangling(tx: Queryable, revival: Revival, ids: readonly string[]): Promise<void> {
  const targets = revivedTargets(revival)
  if (targets.size === 0 || ids.length === 0) return
  await tx.query(
    `delete from link l using ${TARGETS}
     where ${LINKS} and l.from_id = any($6::uuid[]) and not ${LEADS_THERE}`,
    [...parametersOf(revival.next, targets), ids],
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
