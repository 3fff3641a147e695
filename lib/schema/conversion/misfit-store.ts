// The list of misfits: values that a change in preparation does not take, and what a quarantine keeps of them.
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable, TenantDb } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'

type EntityId = Pick<Entity, 'tenantId' | 'id'>

/** The reason of a value that another record has. */
export const TAKEN = 'is taken: another record has this value'

/** That of one that is given up for it. */
export const GIVEN_UP = 'is not unique: another record has this value'

/** Ids of records with misfits that the job has not looked at since they were noted. */
export async function uncheckedRecords(
  tx: Queryable,
  { tenantId, id }: EntityId,
  limit: number,
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct m.id::text as id from (
       select id from misfit where tenant_id = $1 and entity_id = $2 and not checked order by key, id limit ${limit}) m`,
    [tenantId, id],
  )
  return rows.map((row) => row.id)
}

/** Has the job look again at misfits that may settle by what happens to other records. @param keys of fields looked up */
export async function uncheckDependent(
  tx: Queryable,
  { tenantId, id }: EntityId,
  keys: readonly string[],
): Promise<void> {
  await tx.query(
    `update misfit set checked = false
     where tenant_id = $1 and entity_id = $2 and checked and (reason = $3 or key = any($4::text[]))`,
    [tenantId, id, TAKEN, keys],
  )
}

/** Takes records off the list. */
export async function forgetRecords(
  tx: Queryable,
  { tenantId, id }: EntityId,
  ids: readonly string[],
): Promise<void> {
  const text = 'delete from misfit where tenant_id = $1 and entity_id = $2 and id = any($3::uuid[])'
  await tx.query(text, [tenantId, id, ids])
}

/** Takes fields off the list. */
export async function forgetFields(
  tx: Queryable,
  { tenantId, id }: EntityId,
  keys: readonly string[],
): Promise<void> {
  const text = 'delete from misfit where tenant_id = $1 and entity_id = $2 and key = any($3::text[])'
  await tx.query(text, [tenantId, id, keys])
}

/** Whether a record has a misfit of one of the fields; `taken`: fields of which only repeated values count. */
export async function hasMisfits(
  tx: Queryable,
  { tenantId, id }: EntityId,
  { keys, taken = [] }: { keys: readonly string[]; taken?: readonly string[] },
): Promise<boolean> {
  const { rows } = await tx.query(
    `select from misfit m
     where m.tenant_id = $1 and m.entity_id = $2
       and (m.key = any($3::text[]) or m.key = any($4::text[]) and m.reason = $5)
       and exists (select from record r where r.tenant_id = $1 and r.entity_id = $2 and r.id = m.id) limit 1`,
    [tenantId, id, keys, taken, TAKEN],
  )
  return rows.length > 0
}

/** A value on the list. */
export interface ListedMisfit {
  id: string
  /** The key of the field as it is, or is to be. */
  key: string
  reason: string
  /** The value that does not fit; null: unset. */
  value: unknown
}

/** Where a list of misfits goes on. */
export interface MisfitPage {
  /** By the keys of the fields as they are to be, those under which the values are that do not fit. */
  sources: ReadonlyMap<string, string>
  after?: { key: string; id: string } | undefined
  limit: number
}

/** The misfits of records that there are, by field and id. */
export async function listMisfits(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  { tenantId, id }: EntityId,
  { sources, after, limit }: MisfitPage,
): Promise<ListedMisfit[]> {
  const rows = await db.read(scope, {
    text: `select m.id::text, m.key, m.reason, r.data->s.source
      from misfit m join unnest($3::text[], $4::text[]) as s(key, source) on s.key = m.key
      join record r on r.tenant_id = m.tenant_id and r.entity_id = m.entity_id and r.id = m.id
      where m.tenant_id = $1 and m.entity_id = $2 and (m.key, m.id) > ($5, $6::uuid)
      order by m.key, m.id limit $7`,
    values: [
      tenantId,
      id,
      [...sources.keys()],
      [...sources.values()],
      after?.key ?? '',
      after?.id ?? '00000000-0000-0000-0000-000000000000',
      limit,
    ],
  })
  return rows.map(([id = '', key = '', reason = '', value]) => ({
    id: id as string,
    key: key as string,
    reason: reason as string,
    value: value == null ? null : JSON.parse(value),
  }))
}
