// Field type `float`: a number in double precision.
import type { Field } from './field.ts'
import type { FieldType } from './field-type.ts'
import { numberKey } from './number-key.ts'
import { numberText } from './number-takeover.ts'
import { COMPARABLE } from './operators.ts'
import { checkRange, compareNumbers, given } from './options.ts'

interface FloatField extends Field {
  min?: number
  max?: number
}

const NUMBER = /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$/

export const floatType: FieldType<FloatField> = {
  name: 'float',
  aliases: ['number'],
  summary: 'A number in double precision.',
  options: {
    min: { type: 'number', description: 'Smallest value' },
    max: { type: 'number', description: 'Largest value' },
  },
  operators: () => COMPARABLE,
  check: (field) => checkRange(field, ['min', 'max'], compareNumbers),
  jsonSchema: ({ min, max }) => ({ type: 'number', ...given({ minimum: min, maximum: max }) }),
  // -0 is 0.
  normalize: (value) => (value as number) + 0,
  sortKey: (value) => numberKey(String(value)),
  exactKey: (value) => String(value),
  parse: (text) => {
    const value = text.length <= 400 && NUMBER.test(text) ? Number(text) + 0 : Number.NaN
    return Number.isFinite(value) ? value : undefined
  },
  fromOther: (value, from, { round }) => {
    const text = numberText(value, from)
    if (text === undefined) return undefined
    const isExact = numberKey(String(Number(text))) === numberKey(text)
    if (isExact) return { value: Number(text) }
    return round === undefined ? null : { value: Number(text), lossy: true }
  },
}
