// Field type `array`: a list whose elements all satisfy one field definition.

import { describeField } from './describe.ts'
import type { Field } from './field.ts'
import type { FieldType, TypeLookup } from './field-type.ts'
import { LIST } from './operators.ts'
import { checkRange, compareNumbers, count, given } from './options.ts'
import { parseDocument } from './parse-document.ts'
import { below } from './violation.ts'

interface ArrayField extends Field {
  items: Field
  min_items?: number
  max_items?: number
}

/** The type `array`, over the table of all types. */
export function arrayType(typeOf: TypeLookup): FieldType<ArrayField> {
  const typeOfItems = ({ items }: ArrayField) => typeOf(items.type)
  return {
    name: 'array',
    aliases: [],
    summary: 'A list of values of one type.',
    options: {
      items: { type: 'object', description: 'What every element is: a field without a name' },
      min_items: count('Fewest elements'),
      max_items: count('Most elements'),
    },
    requiredOptions: ['items'],
    nested: { items: 'field' },
    operators: () => LIST,
    check: (field) => checkRange(field, ['min_items', 'max_items'], compareNumbers),
    jsonSchema: (field) => ({
      type: 'array',
      items: describeField(field.items, typeOfItems(field)),
      ...given({ minItems: field.min_items, maxItems: field.max_items }),
    }),
    verify: (value, field) => {
      const { verify } = typeOfItems(field)
      return verify ? (value as unknown[]).flatMap((item, at) => below(at, verify(item, field.items))) : []
    },
    normalize: (value, field) => {
      const { normalize } = typeOfItems(field)
      return normalize ? (value as unknown[]).map((item) => normalize(item, field.items, true)) : value
    },
    parse: (text) => {
      const value = parseDocument(text)
      return Array.isArray(value) ? value : undefined
    },
    element: (field) => field.items,
    links: (value, field) =>
      (value as unknown[]).flatMap((item) => typeOfItems(field).links?.(item, field.items) ?? []),
    targets: (field) => typeOfItems(field).targets?.(field.items) ?? [],
  }
}
