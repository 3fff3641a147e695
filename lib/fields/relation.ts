// Field type `relation`: the id of a record of another entity (or the same), or with `many` a list of ids. The link table
// guarantees that the record exists, and handles its deletion.

import type { Violation } from '../errors/problem.ts'
import type { FieldType } from './field-type.ts'
import { MANY } from './options.ts'
import { linksOf, type ReferenceField, reference, referenceSchema } from './reference.ts'
import { violation } from './violation.ts'

interface RelationField extends ReferenceField {
  entity: string
  on_delete?: 'restrict' | 'set_null' | 'cascade'
}

export const relationType: FieldType<RelationField> = {
  ...reference,
  name: 'relation',
  aliases: [],
  summary: 'The id of a record of an entity, or a list of ids with `many`.',
  options: {
    entity: {
      type: 'string',
      pattern: '^[a-z][a-z0-9_]{0,62}$',
      description: 'Entity that the id belongs to',
    },
    ...MANY,
    on_delete: {
      enum: ['restrict', 'set_null', 'cascade'],
      default: 'restrict',
      description:
        'What deleting the other record does: it is refused, unsets this field, or deletes this record too',
    },
  },
  requiredOptions: ['entity'],
  check: checkOnDelete,
  jsonSchema: ({ entity, many }) => referenceSchema(many, `id of ${entity}`),
  links: (value, field) => linksOf(value, field, field.entity),
  targets: ({ entity }) => [entity],
}

function checkOnDelete({ required, on_delete = 'restrict' }: RelationField, nested: boolean): Violation[] {
  if (nested && on_delete !== 'restrict') {
    return [violation('on_delete', 'must be restrict inside an object or array', '/on_delete')]
  }
  if (!required || on_delete !== 'set_null') return []
  return [
    violation(
      'on_delete',
      'cannot be set_null on a required field; choose restrict or cascade',
      '/on_delete',
    ),
  ]
}
