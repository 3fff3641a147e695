// Field type `boolean`: true or false.
import type { FieldType } from './field-type.ts'
import { numberText } from './number-takeover.ts'
import { COMPARABLE } from './operators.ts'
import { hasMoreDigits } from './rounding.ts'

/** As PostgreSQL reads them. */
const TRUE = /^(?:t(?:r(?:ue?)?)?|y(?:es?)?|on|1)$/i

const FALSE = /^(?:f(?:a(?:l(?:se?)?)?)?|no?|off?|0)$/i

export const booleanType: FieldType = {
  name: 'boolean',
  aliases: ['bool'],
  summary: 'True or false.',
  options: {},
  operators: () => COMPARABLE,
  jsonSchema: () => ({ type: 'boolean' }),
  sortKey: (value) => (value === true ? '1' : '0'),
  keyInSql: 'boolean',
  keyIsWhole: () => true,
  exactKey: (value) => String(value),
  fromOther: (value, from) => {
    const text = numberText(value, from)
    if (text === undefined || hasMoreDigits(text, 0)) return undefined
    const number = Number(text)
    return number === 0 || number === 1 ? { value: number === 1 } : undefined
  },
  parse: (text) => (TRUE.test(text) ? true : FALSE.test(text) ? false : undefined),
}
