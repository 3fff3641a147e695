// Field type `integer`: a whole number that every JSON client keeps exactly, within +-(2^53-1).
import type { Field } from './field.ts'
import type { FieldType } from './field-type.ts'
import { numberKey } from './number-key.ts'
import { numberText, scaled, takenOver } from './number-takeover.ts'
import { COMPARABLE } from './operators.ts'
import { checkRange, compareNumbers } from './options.ts'

interface IntegerField extends Field {
  min?: number
  max?: number
}

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number

const BOUND = { type: 'integer', minimum: MIN_SAFE_INTEGER, maximum: MAX_SAFE_INTEGER }

export const integerType: FieldType<IntegerField> = {
  name: 'integer',
  aliases: ['int'],
  summary: 'A whole number within ±(2^53-1).',
  options: {
    min: { ...BOUND, description: 'Smallest value' },
    max: { ...BOUND, description: 'Largest value' },
  },
  operators: () => COMPARABLE,
  check: (field) => checkRange(field, ['min', 'max'], compareNumbers),
  jsonSchema: ({ min, max }) => ({
    type: 'integer',
    minimum: min ?? MIN_SAFE_INTEGER,
    maximum: max ?? MAX_SAFE_INTEGER,
  }),
  // -0 is 0.
  normalize: (value) => (value as number) + 0,
  sortKey: (value) => numberKey(String(value)),
  keyIsWhole: () => true,
  exactKey: (value) => String(value),
  parse: (text) => {
    const value = /^-?[0-9]{1,20}$/.test(text) ? Number(text) + 0 : Number.NaN
    return Number.isSafeInteger(value) ? value : undefined
  },
  fromOther: (value, from, how) => {
    const text = numberText(value, from)
    return text === undefined ? undefined : takenOver(scaled(text, 0, how), Number)
  },
}
