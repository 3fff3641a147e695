// Entities for the tests of the documentation: a plain one, and one with a field of every type.
import { fieldTypes } from '../../../lib/fields/index.ts'

const OPTIONS: Record<string, Record<string, unknown>> = {
  enum: { values: ['red', 'green'] },
  object: { fields: [{ name: 'street', type: 'string', required: true }] },
  array: { items: { type: 'integer' }, min_items: 1 },
  relation: { entity: 'student' },
  decimal: { precision: 8, scale: 2 },
}

export const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string', required: true, description: 'Full name', min_length: 2 },
    { name: 'age', type: 'integer', min: 0 },
  ],
}

/** Each type once optional and once required; names that languages take for their own. */
export const EVERYTHING = {
  entity_name: 'everything',
  description: 'A field of every type',
  fields: [
    ...fieldTypes.map(({ name }) => ({ name: `a_${name}`, type: name, ...OPTIONS[name] })),
    ...fieldTypes.map(({ name }) => ({ name: `b_${name}`, type: name, ...OPTIONS[name], required: true })),
    { name: 'then', type: 'string' },
    { name: 'class', type: 'string', pattern: '^[A-Z]{2}$' },
  ],
}
