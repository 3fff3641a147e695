// The common parts of the types `date`, `time` and `datetime`, given the canonical form of each.
import type { Field } from './field.ts'
import type { FieldType, Format } from './field-type.ts'
import { COMPARABLE } from './operators.ts'
import { checkRange, compareTexts, verifyBounds } from './options.ts'

export interface MomentField extends Field {
  min?: string
  max?: string
}

interface Moment {
  format: string
  /** Continues "must be". */
  expects: string
  noun: string
  example: string
  canonical: (text: string) => string | undefined
  /** Completes the shorter forms that filters may use. */
  lenient?: (text: string) => string
}

/** The canonical forms of one type order like the moments they name, once the trailing Z is gone. */
function keyOf(canonicalText: string): string {
  return canonicalText.replace('Z', '')
}

/** Everything of a moment type but its name and summary. */
export function momentField(moment: Moment): Omit<FieldType<MomentField>, 'name' | 'aliases' | 'summary'> {
  const { canonical, lenient = (text: string) => text } = moment
  const format: Format = {
    name: moment.format,
    test: (text) => canonical(text) !== undefined,
    expects: moment.expects,
  }
  const keyOfText = (text: unknown) => keyOf(canonical(text as string) ?? '')
  const bound = { type: 'string', format: moment.format }
  return {
    options: {
      min: { ...bound, description: 'Earliest value' },
      max: { ...bound, description: 'Latest value' },
    },
    format,
    operators: () => COMPARABLE,
    check: (field) => checkRange(field, ['min', 'max'], (a, b) => compareTexts(keyOfText(a), keyOfText(b))),
    jsonSchema: (field) => ({ type: 'string', format: moment.format, description: describe(moment, field) }),
    example: () => moment.example,
    verify: (value, field) => verifyBounds(value, field, keyOfText),
    normalize: (value) => canonical(value as string),
    sortKey: (value) => keyOf(value as string),
    keyInSql: 'moment',
    exactKey: (value) => value as string,
    parse: (text) => canonical(lenient(text)),
  }
}

function describe({ noun }: Moment, { min, max }: MomentField): string {
  return [noun, min === undefined ? '' : `from ${min}`, max === undefined ? '' : `up to ${max}`]
    .filter(Boolean)
    .join(', ')
}
