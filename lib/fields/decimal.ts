// Field type `decimal`: an exact number, transferred and stored as text, so that no client and no parser rounds it. Stored
// form as of PostgreSQL's numeric: with a scale so many digits after the point, else as sent; never -0. In a list without
// trailing zeros, since elements are compared by their stored form.

import type { Violation } from '../errors/problem.ts'
import { quantity } from '../errors/quantity.ts'
import type { Field } from './field.ts'
import type { FieldType, Format } from './field-type.ts'
import { numberKey, trimZeros } from './number-key.ts'
import { numberText, scaled, takenOver } from './number-takeover.ts'
import { COMPARABLE } from './operators.ts'
import { checkRange, compareNumbers, compareTexts, count, verifyBounds } from './options.ts'
import { violation } from './violation.ts'

interface DecimalField extends Field {
  precision?: number
  scale?: number
  min?: string | number
  max?: string | number
}

/** Digits of a decimal that states no precision; its sort key is never cut. */
const MAX_DIGITS = 100

const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/

const format: Format = {
  name: 'decimal',
  test: (text) => text.length <= MAX_DIGITS + 2 && DECIMAL.test(text) && digitCount(text) <= MAX_DIGITS,
  expects: `a decimal number as a string, such as "19.99", of at most ${MAX_DIGITS} digits`,
}

const BOUND = { type: ['string', 'number'], format: 'decimal' }

export const decimalType: FieldType<DecimalField> = {
  name: 'decimal',
  aliases: [],
  summary: 'An exact decimal number, sent and kept as a string.',
  options: {
    precision: count('Digits in all', 1, MAX_DIGITS),
    scale: count('Digits after the point', 0, MAX_DIGITS),
    min: { ...BOUND, description: 'Smallest value' },
    max: { ...BOUND, description: 'Largest value' },
  },
  format,
  operators: () => COMPARABLE,
  check: checkDecimal,
  jsonSchema: (field) => ({ type: 'string', format: format.name, description: describe(field) }),
  example: ({ scale = 2 }) => (scale === 0 ? '19' : `19.${'9'.repeat(scale)}`),
  verify: verifyDecimal,
  normalize: (value, { scale }, inList) =>
    scale === undefined && !inList ? withoutNegativeZero(value as string) : canonical(value as string, scale),
  // 1.5 and 1.50.
  hasEquivalents: true,
  sortKey: (value) => numberKey(value as string),
  exactKey: (value) => numberKey(value as string),
  // A filter may ask for more digits than the field keeps: `price=gt.9.999`.
  parse: (text) => (format.test(text) ? canonical(text, undefined) : undefined),
  fromOther: (value, from, { field, ...how }) => {
    const text = numberText(value, from)
    if (text === undefined || field.scale === undefined)
      return text === undefined ? undefined : { value: text }
    return takenOver(scaled(text, field.scale, how), (scaledText) => scaledText)
  },
}

function checkDecimal(field: DecimalField): Violation[] {
  const byValue = (a: string | number, b: string | number) =>
    compareTexts(numberKey(String(a)), numberKey(String(b)))
  return [
    ...checkRange<string | number>(field, ['min', 'max'], byValue),
    ...checkRange(field, ['scale', 'precision'], compareNumbers),
  ]
}

function verifyDecimal(value: unknown, field: DecimalField): Violation[] {
  const keyOf = (bound: unknown) => numberKey(String(bound))
  return [...verifyDigits(value as string, field), ...verifyBounds(value, field, keyOf)]
}

function verifyDigits(value: string, { precision = MAX_DIGITS, scale }: DecimalField): Violation[] {
  const [whole = '', fraction = ''] = canonical(value, undefined).replace(/^-?0?/, '').split('.')
  const found: Violation[] = []
  if (scale !== undefined && fraction.length > scale) {
    found.push(violation('scale', `must have at most ${quantity(scale, 'digit')} after the point`))
  }
  if (scale !== undefined && whole.length > precision - scale) {
    found.push(
      violation('precision', `must have at most ${quantity(precision - scale, 'digit')} before the point`),
    )
  }
  if (scale === undefined && whole.length + fraction.length > precision) {
    found.push(violation('precision', `must have at most ${quantity(precision, 'digit')}`))
  }
  return found
}

function canonical(text: string, scale: number | undefined): string {
  const [whole = '', fraction = ''] = text.split('.')
  const kept = trimZeros(fraction)
  const padded = scale === undefined ? kept : kept.padEnd(scale, '0')
  return withoutNegativeZero(padded === '' ? whole : `${whole}.${padded}`)
}

function withoutNegativeZero(text: string): string {
  return /[1-9]/.test(text) ? text : text.replace('-', '')
}

function digitCount(text: string): number {
  return text.replace(/[^0-9]/g, '').length
}

function describe({ precision, scale, min, max }: DecimalField): string {
  const limits = [
    precision === undefined ? '' : `at most ${quantity(precision, 'digit')}`,
    scale === undefined ? '' : `at most ${scale} after the point`,
    min === undefined ? '' : `from ${min}`,
    max === undefined ? '' : `up to ${max}`,
  ].filter(Boolean)
  return ['A decimal number', ...limits].join(', ')
}
