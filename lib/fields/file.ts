// Field type `file`: the id of an uploaded file, or with `many` a list of ids. A write checks the existence, type and size
// of the file against its stored metadata.

import { quantity } from '../errors/quantity.ts'
import type { FieldType } from './field-type.ts'
import { count, MANY } from './options.ts'
import { linksOf, type ReferenceField, reference, referenceSchema } from './reference.ts'

export interface FileField extends ReferenceField {
  mime_types?: string[]
  max_size?: number
}

export const fileType: FieldType<FileField> = {
  ...reference,
  name: 'file',
  aliases: [],
  summary: 'The id of an uploaded file, or a list of ids with `many`.',
  options: {
    mime_types: {
      type: 'array',
      items: {
        type: 'string',
        maxLength: 127,
        pattern: '^[a-z0-9][a-z0-9!#$&^_.+-]*/([a-z0-9][a-z0-9!#$&^_.+-]*|\\*)$',
      },
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      description: 'Types that are allowed, such as image/png or image/*',
    },
    max_size: count('Largest file, in bytes', 1, Number.MAX_SAFE_INTEGER),
    ...MANY,
  },
  jsonSchema: (field) => referenceSchema(field.many, describe(field)),
  links: (value, field) => linksOf(value, field, null),
  targets: () => [null],
}

function describe({ mime_types, max_size }: FileField): string {
  const limits = [
    mime_types?.join(' or ') ?? '',
    max_size === undefined ? '' : `at most ${quantity(max_size, 'byte')}`,
  ]
  return ['id of a file', ...limits.filter(Boolean)].join(', ')
}
