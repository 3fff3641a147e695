// SQL: the related records of a record, as a `from` and the conditions that join them to it. Relations go by the link table
// and its indexes; the one record of a single relation field by the id in the data.

import type { Entity } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { Relation } from '../plan/condition.ts'
import type { Row } from './row.ts'
import { ownerSql } from './scope.ts'

export interface RelatedSource {
  /** The related record. */
  target: Row
  from: string
  where: string[]
  /** The expression of the record's position in the list of ids; of listedSource only. */
  place?: string
}

type ConditionOn = (row: Row) => string

/**
 * The related records of a list of ids, each with its position in the list.
 *
 * @param relation a field of the record that is such a list
 */
export function listedSource(relation: Relation, row: Row): RelatedSource {
  const source = relatedSource(relation, row)
  const ids = row.inner('i').alias
  const list = `jsonb_array_elements_text(${row.alias}.data->${row.bind(relation.field.key, 'text')})`
  const from = `${source.from} join ${list} with ordinality as ${ids}(id, place) on ${ids}.id = ${source.target.alias}.id::text`
  return { ...source, from, place: `${ids}.place` }
}

/** @param throughSql renders the condition on the record of an entity in between */
export function relatedSource(relation: Relation, row: Row, throughSql?: ConditionOn): RelatedSource {
  const target = row.inner()
  const where = [ownerSql(relation.target, target)]
  if (relation.kind === 'forward' && relation.single) {
    const id = `(${row.alias}.data->>${row.bind(relation.field.key, 'text')})::uuid`
    return { target, from: `record ${target.alias}`, where: [...where, `${target.alias}.id = ${id}`] }
  }
  if (relation.through !== undefined) {
    const exists = throughSqlOf(relation, { row, target }, throughSql)
    return { target, from: `record ${target.alias}`, where: [...where, exists] }
  }
  const link = row.inner('l')
  const [here, there] = relation.kind === 'forward' ? (['from', 'to'] as const) : (['to', 'from'] as const)
  const from = `link ${link.alias} join record ${target.alias} on ${endIs(link, there, target)}`
  const pointing = relation.kind === 'forward' ? relation.from : relation.target
  return { target, from, where: [...where, ofField(link, pointing, relation.field), endIs(link, here, row)] }
}

/**
 * The ids of the records that refer to others by a field.
 *
 * @param targetSql renders the condition on the record that is referred to
 */
export function referringSql({ from, target, field }: Relation, row: Row, targetSql: ConditionOn): string {
  const [link, referred] = [row.inner('l'), row.inner()]
  const where = [ofField(link, from, field), endIs(link, 'to', referred), ownerSql(target, referred)]
  const source = `link ${link.alias} join record ${referred.alias} on ${where.join(' and ')}`
  return `select ${link.alias}.from_id from ${source} where ${targetSql(referred)}`
}

/** The condition that a record in between refers to both. */
function throughSqlOf(relation: Relation, ends: { row: Row; target: Row }, throughSql?: ConditionOn): string {
  const { entity, to } = relation.through as NonNullable<Relation['through']>
  const [first, second, middle] = [ends.row.inner('l'), ends.row.inner('m'), ends.row.inner('t')]
  const where = [
    ofField(first, entity, relation.field),
    endIs(first, 'to', ends.row),
    ofField(second, entity, to),
    endIs(second, 'to', ends.target),
    `${second.alias}.from_id = ${first.alias}.from_id`,
  ]
  if (throughSql !== undefined)
    where.push(ownerSql(entity, middle), endIs(first, 'from', middle), throughSql(middle))
  const from = [`link ${first.alias}`, `link ${second.alias}`]
  if (throughSql !== undefined) from.push(`record ${middle.alias}`)
  return `exists (select 1 from ${from.join(', ')} where ${where.join(' and ')})`
}

/** The condition that the link is a value of this field of the entity. */
function ofField(link: Row, entity: Entity, field: Field): string {
  const { alias } = link
  const owner = `${alias}.tenant_id = ${link.bind(entity.tenantId, 'uuid')}`
  const from = `${alias}.from_entity = ${link.bind(entity.id, 'bigint')}`
  return `${owner} and ${from} and ${alias}.field = ${link.bind(field.key, 'text')}`
}

/** The condition that one end of the link is the record. */
function endIs({ alias }: Row, end: 'from' | 'to', { alias: record }: Row): string {
  return [
    `${record}.tenant_id = ${alias}.tenant_id`,
    `${record}.entity_id = ${alias}.${end}_entity`,
    `${record}.id = ${alias}.${end}_id`,
  ].join(' and ')
}
