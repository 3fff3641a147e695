// Plan: resolves a name to a column: a column of the record table, a field in its data, or a place inside a json field.
// Refuses unknown names with a list of the readable ones; an unreadable field is refused as an unknown one.

import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import type { FieldPath } from '../ast.ts'
import type { PlanContext } from './context.ts'
import { findFileColumn, isFiles, ORDERED_NAMES } from './file-columns.ts'
import type { Column, FieldColumn, Operand, SystemColumn } from './operand.ts'
import { systemColumns } from './system-columns.ts'

/** Memo: the fields of an entity by their names. */
const fieldsByName = new WeakMap<Entity, Map<string, Field>>()

/**
 * The operand of a field with its path, for this caller; errors.unknownField, errors.malformedQuery.
 *
 * @param ofFiles the names that the place in the query takes where the field is one of files
 */
export function findOperand(wanted: FieldPath, context: PlanContext, ofFiles = ORDERED_NAMES): Operand {
  if (isFiles(context.entity)) return findFileColumn(wanted, ofFiles)
  const { name, path, text } = wanted
  const column = findColumn(name, context)
  if (path.length === 0) return column
  if (column.kind === 'system' || column.keyed)
    throw errors.malformedQuery(`"${columnName(column)}" has no inner values to reach with "->".`)
  return { kind: 'json', column, path, sqlType: text ? 'text' : 'jsonb' }
}

/** The column of that name, for this caller; errors.unknownField. */
export function findColumn(name: string, context: PlanContext): Column {
  const system = systemColumns.get(name)
  if (system !== undefined) {
    if (context.hidden?.(context.entity).includes(system.name)) throw unknown(name, context)
    return system === createdAt && context.entity.orderedByTime === true ? createdAtApart : system
  }
  const field = indexFields(context.entity).get(name)
  if (field === undefined || !context.readable(field, context.entity)) throw unknown(name, context)
  return toColumn(field, context.entity)
}

/** All columns that the caller may read, in the order of a record's JSON. */
export function readableColumns(context: PlanContext): Column[] {
  const fields = context.entity.fields.filter((field) => context.readable(field, context.entity))
  const hidden = context.hidden?.(context.entity) ?? []
  const [id, ...others] = [...systemColumns.values()].filter((system) => !hidden.includes(system.name))
  return [id as Column, ...fields.map((field) => toColumn(field, context.entity)), ...others]
}

/** The name in the API; inside a json field that of the last member of the path. */
export function columnName(operand: Operand): string {
  if (operand.kind === 'system') return operand.name
  if (operand.kind === 'field') return operand.field.name
  const names = operand.path.filter((step) => typeof step === 'string')
  return names.at(-1) ?? operand.column.field.name
}

/** The same as text; system columns leave as text anyway. */
export function asText(operand: Operand): Operand {
  if (operand.kind === 'system') return operand
  if (operand.kind === 'json') return { ...operand, sqlType: 'text' }
  return { kind: 'json', column: operand, path: [], sqlType: 'text' }
}

const createdAt = systemColumns.get('created_at') as SystemColumn

/** Of an entity whose ids do not order as its records were created. */
export const createdAtApart: SystemColumn = { ...createdAt, apartFromId: true }

export function toColumn(field: Field, entity: Entity): FieldColumn {
  const type = typeOf(field.type)
  const slot = Object.hasOwn(entity.slots, field.key) ? entity.slots[field.key] : undefined
  const keyed = type.operators(field).includes('gt')
  const column = { kind: 'field', field, type, keyed, slot: keyed && slot?.ready ? slot.slot : null } as const
  return entity.formerKeys && type.formerKey !== undefined ? { ...column, formerKeys: true } : column
}

function indexFields(entity: Entity): Map<string, Field> {
  let fields = fieldsByName.get(entity)
  if (fields === undefined) {
    fields = new Map(entity.fields.map((field) => [field.name, field]))
    fieldsByName.set(entity, fields)
  }
  return fields
}

function unknown(name: string, context: PlanContext) {
  return errors.unknownField(name.slice(0, 80), readableColumns(context).map(columnName))
}
