// Plan: the columns that every record has, by their names.
import { SYSTEM_FIELDS } from '../../entities/entity.ts'
import type { SystemColumn } from './operand.ts'

export const systemColumns: ReadonlyMap<string, SystemColumn> = new Map(
  SYSTEM_FIELDS.map((name) => [
    name,
    { kind: 'system', name, sqlType: name.endsWith('_at') ? 'timestamptz' : 'uuid' },
  ]),
)

export const idColumn = systemColumns.get('id') as SystemColumn
