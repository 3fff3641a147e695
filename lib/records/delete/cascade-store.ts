// Deleting records that others link to, by each link's on_delete: restrict refuses, cascade deletes the other record
// too, set_null takes the id out of it. Runs in one transaction and a few statements for each step away from the first
// records; what is being deleted is locked before its links are read, so no new link can appear meanwhile.

import { Parameters } from '../../db/parameters.ts'
import { count } from '../../db/quota-counters.ts'
import type { Queryable } from '../../db/statement.ts'
import { type Entity, FILES } from '../../entities/entity.ts'
import { hasOwnKey } from '../../entities/pending.ts'
import { mayLinkFiles, refersTo } from '../../entities/references.ts'
import { errors } from '../../errors.ts'
import { typeOf } from '../../fields/index.ts'
import { releaseFiles } from '../../query/sql/file-release.ts'
import { LOOKUP } from '../../schema/conversion/prepare-value.ts'
import { deletedAmongPart } from '../write/log-sql.ts'
import { clearReferences } from './clear-references-store.ts'
import type { DeleteContext, InboundLink, RecordRef } from './delete-context.ts'

/** Links that one delete may settle. */
const MAX_LINKS = 100_000

const keyOf = ({ entity, id }: RecordRef) => `${entity.id}:${id}`

/** The entities whose records a delete in `entity` may touch: those that refer to it, directly or through others. */
export function affectedEntities(entity: Entity, entities: readonly Entity[]): Entity[] {
  const affected = new Set([entity])
  for (const target of affected) {
    for (const other of entities) if (refersTo(other, target.name)) affected.add(other)
  }
  return [...affected]
}

/** The parameters of a statement on records of several entities: $1 tenant, $2 entity ids, $3 record ids. */
function parametersOf({ scope }: DeleteContext, records: readonly RecordRef[]): unknown[] {
  return [scope.id, records.map(({ entity }) => entity.id), records.map(({ id }) => id)]
}

const LISTED = 'unnest($2::bigint[], $3::uuid[]) as d(entity_id, id)'

async function lockRecords(tx: Queryable, context: DeleteContext, records: readonly RecordRef[]) {
  const text = `select from record r join ${LISTED} using (entity_id, id)
    where r.tenant_id = $1 order by r.entity_id, r.id for update of r`
  await tx.query(text, parametersOf(context, records))
}

/** The fields in force that may refer to the records, as parameters: ids of entities, and the field of each. */
function referringFields({ entities }: DeleteContext, records: readonly RecordRef[]): [number[], string[]] {
  const names = new Set<string | null>(records.map(({ entity }) => entity.name))
  const found = entities.flatMap(({ id, fields }) =>
    fields
      .filter((field) =>
        typeOf(field.type)
          .targets?.(field)
          .some((name) => names.has(name)),
      )
      .map(({ key }) => ({ id, key })),
  )
  return [found.map(({ id }) => id), found.map(({ key }) => key)]
}

/** The links to the records from fields in force; what a dropped field or a deleted entity left behind holds nothing. */
async function incomingLinks(
  tx: Queryable,
  context: DeleteContext,
  records: readonly RecordRef[],
): Promise<InboundLink[]> {
  const { rows } = await tx.query<{ entity: number; id: string; field: string; to: string }>(
    `select l.from_entity::float8 as entity, l.from_id as id, l.field, l.to_id as to
     from link l join ${LISTED} on l.to_entity = d.entity_id and l.to_id = d.id
       join unnest($4::bigint[], $5::text[]) as f(entity_id, key) on f.entity_id = l.from_entity and f.key = l.field
     where l.tenant_id = $1 limit ${MAX_LINKS + 1}`,
    [...parametersOf(context, records), ...referringFields(context, records)],
  )
  return rows.flatMap(({ id, to, ...from }) => {
    const entity = context.entities.find((other) => other.id === from.entity)
    const field = entity?.fields.find(({ key }) => key === from.field)
    return entity === undefined || field === undefined ? [] : [{ entity, id, field, to }]
  })
}

/** Walks the links backwards: what goes, what only loses its reference, and what stands against it. */
async function planDelete(tx: Queryable, context: DeleteContext, roots: readonly RecordRef[]) {
  const doomed = new Map(roots.map((root) => [keyOf(root), root]))
  const links: InboundLink[] = []
  for (let step = [...doomed.values()]; step.length > 0; ) {
    await lockRecords(tx, context, step)
    const incoming = await incomingLinks(tx, context, step)
    const next = new Map(
      incoming
        .filter((link) => link.field.on_delete === 'cascade' && !doomed.has(keyOf(link)))
        .map((link) => [keyOf(link), link]),
    )
    for (const [key, record] of next) doomed.set(key, record)
    for (const link of incoming) links.push(link)
    if (links.length > MAX_LINKS) throw errors.cascadeTooLarge(MAX_LINKS)
    step = [...next.values()]
  }
  const surviving = links.filter((link) => !doomed.has(keyOf(link)))
  return { doomed: [...doomed.values()], surviving }
}

/** Records whose values in preparation lead to what is being deleted are looked at again. */
async function listBereft(tx: Queryable, context: DeleteContext, doomed: readonly RecordRef[]) {
  const fields = context.entities.flatMap(({ id, pending }) =>
    (pending?.fields ?? []).filter(hasOwnKey).map(({ to }) => ({ id, key: to.key })),
  )
  if (fields.length === 0) return
  await tx.query(
    `insert into misfit (tenant_id, entity_id, key, id, reason)
     select l.tenant_id, l.from_entity, l.field, l.from_id, $6
     from link l join ${LISTED} on l.to_entity = d.entity_id and l.to_id = d.id
       join unnest($4::bigint[], $5::text[]) as f(entity_id, key) on f.entity_id = l.from_entity and f.key = l.field
     where l.tenant_id = $1 group by 1, 2, 3, 4
     on conflict (tenant_id, entity_id, key, id) do update set reason = excluded.reason, checked = false`,
    [...parametersOf(context, doomed), fields.map(({ id }) => id), fields.map(({ key }) => key), LOOKUP],
  )
}

/** Names the fields that refer; all that the caller may not read are one, without a name. */
function requireUnrestricted({ readable }: DeleteContext, surviving: readonly InboundLink[]): void {
  const restricting = surviving.filter(({ field }) => field.on_delete !== 'set_null')
  if (restricting.length === 0) return
  const names = restricting.map(({ entity, field }) =>
    readable(field, entity) ? `${entity.name}.${field.name} of other records` : 'another record',
  )
  throw errors.referenceConflict(
    [...new Set(names)].map((name) => ({
      pointer: '',
      keyword: 'reference',
      message: `cannot be deleted while ${name} refers to it`,
    })),
  )
}

/** Lets go of the files of records that are about to be deleted. */
const RELEASE = releaseFiles(
  '$1',
  `select l.to_id from link l join ${LISTED} on l.from_entity = d.entity_id and l.from_id = d.id
   where l.tenant_id = $1 and l.to_entity = ${FILES}`,
)

/** Deletes records and settles every link to them; errors.referenceConflict when one restricts. */
export async function deleteLinkedRecords(
  tx: Queryable,
  context: DeleteContext,
  roots: readonly RecordRef[],
): Promise<void> {
  const { doomed, surviving } = await planDelete(tx, context, roots)
  requireUnrestricted(context, surviving)
  await clearReferences(tx, context, surviving)
  const parameters = parametersOf(context, doomed)
  await listBereft(tx, context, doomed)
  // All links that are left lead from other doomed records or dropped fields. They go first: PostgreSQL checks a
  // record's incoming links before it deletes the outgoing ones of another.
  await tx.query(
    `delete from link l using ${LISTED}
     where l.tenant_id = $1 and l.to_entity = d.entity_id and l.to_id = d.id`,
    parameters,
  )
  if (doomed.some(({ entity }) => mayLinkFiles(entity))) await tx.query(RELEASE, parameters)
  await count(tx, context.scope, 'records', -(await deleteAll(tx, context, doomed)))
}

/** Deletes the records, and logs those whose entities ask for it; the number of all. */
async function deleteAll(
  tx: Queryable,
  context: DeleteContext,
  doomed: readonly RecordRef[],
): Promise<number> {
  const remove = `delete from record r using ${LISTED}
     where r.tenant_id = $1 and r.entity_id = d.entity_id and r.id = d.id`
  const p = new Parameters()
  for (const value of parametersOf(context, doomed)) p.add(value)
  const entities = [...new Set(doomed.map(({ entity }) => entity))]
  const logged = deletedAmongPart({ entities, author: context.author }, p)
  if (logged.length === 0) return (await tx.query(remove, p.values)).rowCount ?? 0
  const text = `with r as (${remove} returning r.*), ${logged.join(', ')} select count(*)::int as count from r`
  return (await tx.query<{ count: number }>(text, p.values)).rows[0]?.count ?? 0
}
