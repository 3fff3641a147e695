// Field type `enum`: one of the values that the definition lists, or with `many` a list of them without repetition.
import type { Field } from './field.ts'
import type { FieldType } from './field-type.ts'
import { LIST, TEXTUAL } from './operators.ts'
import { MANY } from './options.ts'
import { formerTextKey, hasWholeKey, textKey } from './text-key.ts'

interface EnumField extends Field {
  values: string[]
  many?: boolean
}

export const enumType: FieldType<EnumField> = {
  name: 'enum',
  aliases: [],
  summary: 'One of the listed values, or several with `many`.',
  options: {
    values: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 200 },
      minItems: 1,
      maxItems: 1000,
      uniqueItems: true,
      description: 'The values that are allowed',
    },
    ...MANY,
  },
  requiredOptions: ['values'],
  operators: ({ many }) => (many ? LIST : TEXTUAL),
  jsonSchema: ({ values, many }) =>
    many
      ? { type: 'array', items: { type: 'string', enum: values }, uniqueItems: true, maxItems: values.length }
      : { type: 'string', enum: values },
  sortKey: (value, { many }) => (many ? null : textKey(value as string)),
  keyIsWhole: ({ values }) => values.every(hasWholeKey),
  formerKey: (value) => (typeof value === 'string' ? formerTextKey(value) : undefined),
  exactKey: (value, { many }) => (many ? null : (value as string)),
  parse: (text, { values }) => (values.includes(text) ? text : undefined),
  element: (field) => (field.many ? { ...field, many: false } : undefined),
}
