// Field type `boolean`: true or false.
import type { FieldType } from './field-type.ts'
import { COMPARABLE } from './operators.ts'

const SPELLINGS: Readonly<Record<string, boolean>> = { true: true, t: true, false: false, f: false }

export const booleanType: FieldType = {
  name: 'boolean',
  aliases: ['bool'],
  summary: 'True or false.',
  options: {},
  operators: () => COMPARABLE,
  jsonSchema: () => ({ type: 'boolean' }),
  sortKey: (value) => (value === true ? '1' : '0'),
  exactKey: (value) => String(value),
  parse: (text) => (Object.hasOwn(SPELLINGS, text) ? SPELLINGS[text] : undefined),
}
