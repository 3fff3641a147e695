// Field type `text`: a text of any length. It differs from `string` in what a user interface makes of it.
import type { FieldType } from './field-type.ts'
import { type TextField, textField } from './text-field.ts'

export const textType: FieldType<TextField> = {
  ...textField,
  name: 'text',
  aliases: [],
  summary: 'A long text.',
}
