// Plan: what queries name of files. Files are records of the built-in entity FILES, which has no fields of its own: their columns
// are members of the stored document. That a record holds a file is a filter of its own.

import { type Entity, FILES } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { typeOf } from '../../fields/index.ts'
import type { ConditionNode, FieldPath } from '../ast.ts'
import type { Condition } from './condition.ts'
import type { JsonColumn, Operand, SystemColumn } from './operand.ts'
import { idColumn } from './system-columns.ts'

/** The entity of a tenant's files, as relations and queries see it. */
export function filesEntity(tenantId: string): Entity {
  return {
    ...{ tenantId, id: FILES, name: 'files', version: 1, label: null, description: null },
    ...{ fields: [], constraints: [], slots: {}, retiredKeys: [], createdAt: '', updatedAt: '' },
  }
}

const jsonType = typeOf('json')

function member(name: string, more: Partial<JsonColumn> = {}): JsonColumn {
  const field = { name, key: name, type: 'json' }
  const column = { kind: 'field', field, type: jsonType, keyed: false, slot: null } as const
  return { kind: 'json', column, path: [], sqlType: 'text', ...more }
}

/** An upload gets its id when it begins and its time when it ends, so the one does not narrow down the other. */
const createdAt: SystemColumn = {
  kind: 'system',
  name: 'created_at',
  sqlType: 'timestamptz',
  apartFromId: true,
}

/** The columns by their names, in the order of the API. */
export const FILE_COLUMNS: ReadonlyMap<string, Operand> = new Map<string, Operand>([
  ['id', idColumn],
  ['filename', member('filename')],
  ['content_type', member('content_type')],
  ['size', member('size', { sqlType: 'jsonb', integer: true })],
  ['sha256', member('sha256')],
  ['created_at', createdAt],
])

export const IN_USE = 'in_use'

/** The names that an order may use. */
export const ORDERED_NAMES: readonly string[] = [...FILE_COLUMNS.keys()]

/** The names that a filter may use. */
export const FILTERED_NAMES: readonly string[] = [...ORDERED_NAMES, IN_USE]

/** The names that `select` may use. */
export const SELECTED_NAMES: readonly string[] = [...ORDERED_NAMES, 'url', IN_USE]

/** What a filter may say of IN_USE, as a refusal names it. */
export const IN_USE_OPERATORS = ['is.true', 'is.false']

export const isFiles = ({ id }: Pick<Entity, 'id'>) => id === FILES

/**
 * The column of that name; errors.unknownField, errors.malformedQuery for a path.
 *
 * @param names those that the place in the query takes
 */
export function findFileColumn({ name, path }: FieldPath, names: readonly string[]): Operand {
  const column = FILE_COLUMNS.get(name)
  if (column === undefined) throw errors.unknownField(name.slice(0, 80), [...names])
  if (path.length > 0) throw errors.malformedQuery(`"${name}" has no inner values to reach with "->".`)
  return column
}

/** The filter `in_use=is.false` or `in_use=eq.true`; undefined for any other member, errors.operatorNotAllowed. */
export function planInUse(
  { field, operator, value, quantifier }: ConditionNode,
  negated: boolean,
): Condition | undefined {
  if (field.name !== IN_USE || field.path.length > 0) return undefined
  const word = String(value).toLowerCase()
  const compares = ['is', 'eq', 'neq'].includes(operator) && quantifier === undefined
  if (!compares || (word !== 'true' && word !== 'false'))
    throw errors.operatorNotAllowed(IN_USE, `${operator}.${word.slice(0, 20)}`, IN_USE_OPERATORS)
  return { kind: 'inUse', negated: (word === 'true') === ((operator === 'neq') !== negated) }
}
