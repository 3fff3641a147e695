// Field type `string`: one line of text.
import type { FieldType } from './field-type.ts'
import { type TextField, textField } from './text-field.ts'

export const stringType: FieldType<TextField> = {
  ...textField,
  name: 'string',
  aliases: ['str'],
  summary: 'A short text.',
}
