// Types and SQL fragments shared by the write statements.
import type { Parameters } from '../../db/parameters.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TextRow } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { Condition } from '../../query/plan/condition.ts'

/** A link of a record: the field's key, the target's entity id (0: a file) and its own. */
export interface LinkRow {
  field: string
  toEntity: number
  toId: string
}

/** The columns of a record, derived from its data by the entity's definition. */
export interface StoredColumns {
  data: Readonly<Record<string, unknown>>
  keys: Record<string, string>
  /** Slot column (k3, u1) -> its text. */
  slots: Record<string, string | null>
  links: LinkRow[]
  /** Absent where no change is being prepared. */
  misfits?: MisfitChange
}

/** A value that a change in preparation does not take. */
export interface Misfit {
  /** The key of the field as it is to be. */
  key: string
  reason: string
}

/** What a write changes of the list of misfits. */
export interface MisfitChange {
  /** Keys of which the record is looked at anew. */
  settled: readonly string[]
  found: readonly Misfit[]
}

export interface NewRecord extends StoredColumns {
  id: string
  /** Of a record of another system, ISO 8601; absent: when the id says. */
  createdAt?: string
  updatedAt?: string
}

/** SQL of a record's finished JSON, for the row of the given alias. */
export type Returning = (alias: string, parameters: Parameters) => string

/** Whose records are written, and by whom. */
export interface WriteScope {
  scope: TenantScope
  entity: Entity
  /** The account that writes; null: a visitor. */
  author: string | null
  /** Whether a refusal may name the field; absent: every field. */
  readable?: (field: Field) => boolean
  /** What a unique value has that no other record has; absent: one that has let go of it meanwhile. */
  holder?: string
  /** Ids of the records that earlier batches of the same body have written. */
  earlier?: Pick<ReadonlySet<string>, 'has'>
}

export interface WriteContext extends WriteScope {
  returning: Returning
}

/** Conditions on a record beside its id. */
export interface Guard {
  /** Versions that If-Match accepts; undefined: any. */
  versions?: readonly number[] | undefined
  /** The condition that the record must meet for the caller to touch it; undefined: none. */
  rule?: Condition | undefined
}

/** A row that a write statement answers with. */
export interface WrittenRow {
  record: string
  version: string
  id: string
}

/** The columns that a write statement answers with, in the order of WrittenRow. */
export function answerColumns(alias: string, context: WriteContext, parameters: Parameters): string {
  return `within_answer(${context.returning(alias, parameters)}) as record, ${alias}.version::text as version, ${alias}.id::text as id`
}

/** The row of an answer whose columns are answerColumns. */
export function toWrittenRow([record, version, id]: TextRow): WrittenRow {
  if (record == null || version == null || id == null) throw new Error('an answer lacks a column')
  return { record, version, id }
}

/** Inserts the link rows of the records that the statement's part `r` has written. */
export function insertLinks(context: WriteScope, rows: readonly NewRecord[], p: Parameters): string {
  const links = rows.flatMap(({ id, links }) =>
    links.map((link) => ({ f: id, field: link.field, e: link.toEntity, t: link.toId })),
  )
  return `insert into link (tenant_id, from_entity, from_id, field, to_entity, to_id)
    select ${p.add(context.scope.id)}::uuid, ${p.add(context.entity.id)}::bigint, l.f, l.field, l.e, l.t
    from jsonb_to_recordset(${p.add(JSON.stringify(links))}::jsonb) as l(f uuid, field text, e bigint, t uuid)
    where exists (select from r where r.id = l.f) on conflict do nothing`
}

/** Deletes the links that the given fields of `r`'s records had and have no longer. */
export function deleteLinks(fields: readonly string[], rows: readonly NewRecord[], p: Parameters): string {
  const kept = rows.flatMap(({ id, links }) => links.map(({ field, toId }) => ({ f: id, field, t: toId })))
  return `delete from link using r
    where link.tenant_id = r.tenant_id and link.from_entity = r.entity_id and link.from_id = r.id
      and link.field = any(${p.add(fields)}::text[])
      and not exists (
        select from jsonb_to_recordset(${p.add(JSON.stringify(kept))}::jsonb) as l(f uuid, field text, t uuid)
        where l.f = link.from_id and l.field = link.field and l.t = link.to_id)`
}
