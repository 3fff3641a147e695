// Field type `json`: any JSON value, stored and returned whole.

import type { Violation } from '../errors/problem.ts'
import { quantity } from '../errors/quantity.ts'
import type { Field } from './field.ts'
import type { FieldType } from './field-type.ts'
import { DOCUMENT } from './operators.ts'
import { count } from './options.ts'
import { parseDocument } from './parse-document.ts'
import { violation } from './violation.ts'

interface JsonField extends Field {
  max_size?: number
}

export const jsonType: FieldType<JsonField> = {
  name: 'json',
  aliases: [],
  summary: 'Any JSON value.',
  options: { max_size: count('Largest value, in bytes of compact JSON', 1) },
  operators: () => DOCUMENT,
  jsonSchema: ({ max_size }) => ({
    description: max_size === undefined ? 'Any JSON' : `Any JSON of at most ${quantity(max_size, 'byte')}`,
  }),
  verify: verifySize,
  parse: parseDocument,
}

function verifySize(value: unknown, { max_size }: JsonField): Violation[] {
  if (max_size === undefined) return []
  const size = Buffer.byteLength(JSON.stringify(value))
  return size <= max_size
    ? []
    : [violation('max_size', `must have at most ${quantity(max_size, 'byte')}; it has ${size}`)]
}
