// Field type `text`: a text of any length. It differs from `string` only in its presentation.
import type { FieldType } from './field-type.ts'
import { type TextField, textField } from './text-field.ts'

export const textType: FieldType<TextField> = {
  ...textField,
  name: 'text',
  aliases: [],
  summary: 'A long text.',
}
